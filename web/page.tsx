/**
 * Turns a page's content into the answer: document, status, live address.
 * Must not: know what any page shows.
 */
import type { Child } from "hono/jsx";
import type { StatusCode } from "hono/utils/http-status";
import type { Texts } from "./i18n/id.ts";
import { Document } from "./parts/layout.tsx";
import { htmlText, type Html, type View } from "./scene.ts";
import type { Reader, Visit } from "./visit.ts";

async function htmlResponse(reader: Reader, html: Html, status: StatusCode = 200): Promise<Response> {
  const text = await htmlText(html);
  return reader.c.newResponse(`<!doctype html>${text}`, status, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Language": reader.language,
    Vary: "Cookie, Accept-Language",
  });
}

export interface PageProps {
  readonly title: string;
  readonly content: Child;
  readonly status?: StatusCode;
  /** The live view of this page, and the path that names it to `/live` (default: this page's own). */
  readonly view?: View | null;
  readonly viewPath?: string;
  readonly kiosk?: boolean;
}

/** A page for somebody who is logged in. */
export function page(visit: Visit, props: PageProps): Promise<Response> {
  const { panel, texts } = visit;
  const done = visit.c.req.query("done");
  const liveUrl = props.view
    ? `/live?view=${encodeURIComponent(props.viewPath ?? visit.path)}&since=${encodeURIComponent(panel.live.position())}`
    : null;
  return htmlResponse(
    visit,
    <Document
      texts={texts}
      title={props.title}
      assets={panel.assets}
      path={visit.path}
      visitor={{ session: visit.session, csrf: visit.csrf, scene: visit.scene }}
      liveUrl={liveUrl}
      kiosk={props.kiosk ?? false}
      done={done !== undefined && Object.hasOwn(texts.done, done) ? (done as keyof Texts["done"]) : null}
      version={panel.settings.version}
    >
      {props.content}
    </Document>,
    props.status,
  );
}

/** A page for somebody who is not (yet) logged in, or may not be. */
export function plainPage(
  reader: Reader,
  props: { readonly title: string; readonly content: Child; readonly status?: StatusCode },
): Promise<Response> {
  return htmlResponse(
    reader,
    <Document
      texts={reader.texts}
      title={props.title}
      assets={reader.panel.assets}
      path={reader.path}
      visitor={null}
      liveUrl={null}
      version={reader.panel.settings.version}
    >
      {props.content}
    </Document>,
    props.status,
  );
}
