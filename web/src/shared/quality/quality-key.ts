/** Everything of quality in the query cache: what a mended record makes old. */
export const qualityKey = 'quality'
