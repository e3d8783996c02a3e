/**
 * Everything a page or a fragment is drawn from, and what a live view is.
 * Why: the same scene draws the first page and each change, so they can not differ.
 * Must not: hold anything of one request (no cookies, no CSRF token): equal scenes are drawn once for all who watch.
 */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Role } from "./auth/users.ts";
import type { Texts } from "./i18n/id.ts";
import type { Look } from "./look.ts";
import type { Change, Language, PanelSource } from "./source.ts";

export type Html = JSX.Element;

export interface Scene {
  readonly source: PanelSource;
  readonly look: Look;
  readonly texts: Texts;
  readonly language: Language;
  readonly role: Role;
  readonly nowMs: number;
  /** The collector's setting; what belongs to a site is shown in the site's own zone. */
  readonly timeZone: string;
}

/** One live page: named fragments, and which of them a change may alter. */
export interface View {
  /** Equal keys draw equally for the same language and role. */
  readonly key: string;
  /** The outermost fragments: all of the page that lives. */
  readonly names: readonly string[];
  /** Redrawn every few seconds as well, because no change announces them (Telegram's and the store's state). */
  readonly periodic: readonly string[];
  /** `before`: the look at the last drawing, to see where a server was. */
  touched(change: Change, look: Look, before: Look): readonly string[];
  /** null: there is no such fragment any more. */
  draw(name: string, scene: Scene): Html | null | Promise<Html | null>;
}

/** The DOM id of a fragment. */
export function fragmentId(name: string): string {
  return `live-${name}`;
}

/**
 * The text of an element. Hono types an element as a finished text; at run time it is a tree whose `toString` may have to
 * wait for parts that ask the source, and gives a String object then.
 */
export async function htmlText(html: Html): Promise<string> {
  const tree = html as unknown as { toString(): string | Promise<string> };
  return (await tree.toString()).valueOf();
}
