/**
 * Paths of our own: where a person wanted to go, and where a form came from.
 * Why checked: a login page that forwards to any address is a phisher's tool.
 * Must not: let anything pass that a browser could read as another host.
 */

/** `value` when it is a path of this panel (with its query), else null. */
export function ownPath(value: string | undefined): string | null {
  if (value === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/.test(value) || value.includes("\\")) return null;
  const base = "http://panel.invalid";
  let url: URL;
  try {
    url = new URL(value, base);
  } catch {
    return null;
  }
  return url.origin === base && !url.pathname.startsWith("//") ? url.pathname + url.search : null;
}

/** Adds or replaces one query parameter of a path; null removes it. */
export function withParameter(path: string, name: string, value: string | null): string {
  const url = new URL(path, "http://panel.invalid");
  if (value === null) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  return url.pathname + url.search;
}
