/** Whether a token fits into a header: its characters (RFC 6750 §2.1), and a length that servers take. */
export function isSendable(token: string): boolean {
  return /^[\w.~+/-]{8,16384}=*$/.test(token)
}
