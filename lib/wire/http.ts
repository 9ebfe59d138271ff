// What a line of HTTP looks like. A browser can be made to send any bytes to any port, but only behind
// a request line and header fields: these are recognised, so that a body is never read as frames.
// Knows no socket and no dialect.

/** A version, wherever it stands: `HTTP/1.1`, `http/2.0`, and those of HTTP's relatives. */
const VERSION = /\b(?:HTTP|RTSP|SIP|ICAP)\/\d/i;
/** A method (RFC 9110, section 5.6.2: any token) and a target: a path, `*`, or a URL. */
const METHOD_AND_TARGET =
  /^[\0-\x20]*[!#$%&'*+.^_`|~0-9a-z-]+[ \t]+(?:\/|\*|[a-z][a-z0-9+.-]*:\/\/)/i;
/** A method in use, with anything behind it. */
const KNOWN_METHOD =
  /^[\0-\x20]*(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PRI|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|SEARCH|REPORT|QUERY)[ \t\r\n]/i;
/** A header field: a name with a colon right behind it. */
const HEADER = /^[a-z][a-z0-9_-]*:/i;

/**
 * Whether a line that is no JSON could be the first line or a header field of an HTTP request, of
 * whichever method, version and case. `beginning` may be the beginning of a line: then it counts only
 * where nothing that follows could change the answer.
 */
export function looksLikeHttp(beginning: string): boolean {
  return [VERSION, METHOD_AND_TARGET, KNOWN_METHOD, HEADER].some((form) => form.test(beginning));
}
