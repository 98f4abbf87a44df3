/** A broker's address for logs and errors: user and password, if any, are not shown. */
export function withoutCredentials(url: string): string {
  // Not by the URL parser alone: an address that it refuses may hold a password too.
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1');
}
