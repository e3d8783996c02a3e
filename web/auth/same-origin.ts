/**
 * Whether a changing request comes from a page of this panel, told by the headers that only browsers set.
 * Why beside the CSRF token: it also covers the forms before there is a session (login, set-up) and costs nothing.
 * Must not: trust `X-Forwarded-*` unless the collector was told that a proxy of ours stands in front.
 */

export type Origin = "same" | "other" | "unknown";

/**
 * `unknown`: neither header is there, so no current browser sent it; the caller then insists on another proof.
 * `host` is what the browser was asked to open (`Host`, or `X-Forwarded-Host` behind a trusted proxy).
 */
export function originOf(headers: {
  readonly fetchSite: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
}): Origin {
  // `none`: typed or reloaded by the person, never started by another page.
  if (headers.fetchSite !== undefined)
    return headers.fetchSite === "same-origin" || headers.fetchSite === "none" ? "same" : "other";
  if (headers.origin === undefined) return "unknown";
  if (headers.host === undefined) return "other";
  try {
    return new URL(headers.origin).host === headers.host.toLowerCase() ? "same" : "other";
  } catch {
    // "null" and nonsense.
    return "other";
  }
}
