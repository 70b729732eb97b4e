const userInfo = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*@/gi;
const authorizationValue = /\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{8,}/gi;
const secretParameter = /([?&](?:token|password|secret|api_?key|access_?key|signature|sig)=)[^&\s"']+/gi;

/** Returns the text without user names and passwords of URLs, credentials of headers and secret query parameters. */
export function redactText(text: string): string {
  return text
    .replaceAll(userInfo, '$1***@')
    .replaceAll(authorizationValue, '$1 ***')
    .replaceAll(secretParameter, '$1***');
}
