/** A drawing as a PNG file, twice as fine as on the screen. */
export async function downloadPng(svg: SVGSVGElement, name: string, background: string): Promise<void> {
  const { width, height } = svg.getBoundingClientRect()
  const copy = svg.cloneNode(true) as SVGSVGElement
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`
  await image.decode()
  const fineness = 2
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(width * fineness)
  canvas.height = Math.ceil(height * fineness)
  const pen = canvas.getContext('2d')
  if (!pen) return
  pen.fillStyle = background
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.scale(fineness, fineness)
  pen.drawImage(image, 0, 0, width, height)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'))
  if (!blob) return
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = `${name}.png`
  link.click()
  URL.revokeObjectURL(link.href)
}
