/** The server refuses shorter passwords; forms say so before they are sent. */
export const shortestPassword = 10
