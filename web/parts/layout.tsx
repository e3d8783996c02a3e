/**
 * The frame of every page: head, navigation, notices, content, footer.
 * Why one document function: each page gets the same landmarks, the same skip link, the same one stylesheet and script.
 * Must not: hold inline script or style; the content policy forbids both.
 */
import type { Child } from "hono/jsx";
import type { Assets } from "../assets.ts";
import type { Session } from "../auth/sessions.ts";
import type { Texts } from "../i18n/id.ts";
import { withParameter } from "../paths.ts";
import type { Html, Scene } from "../scene.ts";
import { ACT_FORM_ID, Csrf } from "./controls.tsx";
import { Notices } from "./notices.tsx";

/** A heartbeat: the mark of the product. */
function Logo(): Html {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M2 17h7l3-9 6 17 4-11 2 3h6" />
    </svg>
  );
}

const icons = {
  now: "M3 12h4l2-6 4 13 3-9 1.5 2H21",
  servers: "M4 4h16v6H4zM4 14h16v6H4zM7.5 7h.01M7.5 17h.01",
  incidents: "M12 3.5 21 19.5H3zM12 10v4.5M12 17h.01",
  sites: "M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.5C5 14.8 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  maintenance: "M14.5 6.5a4 4 0 0 0-5.2 5.2L4 17v3h3l5.3-5.3a4 4 0 0 0 5.2-5.2L15 12l-3-3z",
  notifications: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4",
  system: "M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h9M17 17h3M15 15v4",
} as const;

const places = [
  ["now", "/"],
  ["servers", "/servers"],
  ["incidents", "/incidents"],
  ["sites", "/sites"],
  ["maintenance", "/maintenance"],
  ["notifications", "/notifications"],
  ["system", "/system"],
] as const;

function Navigation({ texts, path }: { readonly texts: Texts; readonly path: string }): Html {
  const current = path.split("?")[0] ?? "/";
  const isHere = (href: string) => (href === "/" ? current === "/" : current.startsWith(href));
  return (
    <nav class="nav" aria-label={texts.nav.label}>
      <ul>
        {places.map(([name, href]) => (
          <li class={`nav-${name}`}>
            <a href={href} aria-current={isHere(href) ? "page" : undefined}>
              <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                <path d={icons[name]} />
              </svg>
              <span>{texts.nav[name]}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function LanguageSwitch({
  texts,
  csrf,
  path,
}: {
  readonly texts: Texts;
  readonly csrf: string | null;
  readonly path: string;
}): Html {
  const languages = [
    ["id", "Bahasa Indonesia"],
    ["en", "English"],
  ] as const;
  return (
    <form method="post" action="/language" class="language-switch" aria-label={texts.nav.language}>
      {csrf === null ? null : <Csrf token={csrf} />}
      <input type="hidden" name="back" value={path} />
      {languages.map(([code, name]) => (
        <button
          type="submit"
          name="language"
          value={code}
          lang={code}
          class="link-button"
          aria-pressed={code === texts.language.code ? "true" : "false"}
        >
          {name}
        </button>
      ))}
    </form>
  );
}

function Account({
  texts,
  session,
  csrf,
  path,
}: {
  readonly texts: Texts;
  readonly session: Session;
  readonly csrf: string;
  readonly path: string;
}): Html {
  return (
    <details class="account">
      <summary>
        <span class="account-initial" aria-hidden="true">
          {String.fromCodePoint(session.user.username.codePointAt(0) ?? 63).toUpperCase()}
        </span>
        <span class="unseen">{texts.nav.account}</span>
      </summary>
      <div class="account-menu">
        <p>
          {texts.nav.signedInAs(session.user.username)}
          <span class="quiet line">{texts.role[session.user.role]}</span>
        </p>
        {/* A phone's bar has no room for a seventh place. */}
        <a class="only-narrow" href="/maintenance">
          {texts.nav.maintenance}
        </a>
        <LanguageSwitch texts={texts} csrf={csrf} path={path} />
        <form method="post" action="/logout">
          <Csrf token={csrf} />
          <button type="submit" class="button button-plain">
            {texts.nav.logout}
          </button>
        </form>
      </div>
    </details>
  );
}

function LiveState({ texts }: { readonly texts: Texts }): Html {
  return (
    <p class="live-state" role="status">
      <span class="live-dot" aria-hidden="true" />
      <span class="live-word live-word-off">{texts.live.off}</span>
      <span class="live-word live-word-connecting">{texts.live.connecting}</span>
      <span class="live-word live-word-on">{texts.live.on}</span>
      <span class="live-word live-word-lost">{texts.live.lost}</span>
    </p>
  );
}

export interface DocumentProps {
  readonly texts: Texts;
  readonly title: string;
  readonly assets: Assets;
  readonly path: string;
  readonly children?: Child;
  /** null: nobody is logged in (login, set-up, errors). */
  readonly visitor: {
    readonly session: Session;
    readonly csrf: string;
    readonly scene: Scene;
  } | null;
  /** Where the live fragments come from; null: the page does not live. */
  readonly liveUrl: string | null;
  readonly kiosk?: boolean;
  readonly done?: keyof Texts["done"] | null;
  readonly version: string;
}

export function Document(props: DocumentProps): Html {
  const { texts, assets, visitor, kiosk = false } = props;
  const plainPath = withParameter(props.path, "done", null);
  return (
    <html
      lang={texts.language.code}
      class={kiosk ? "kiosk" : undefined}
      data-live={props.liveUrl ?? undefined}
      data-live-state="off"
      data-now={visitor ? String(visitor.scene.nowMs) : undefined}
    >
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{`${props.title} · ${texts.product.name}`}</title>
        <link rel="icon" href={assets.url("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.url("panel.css")} />
        <script type="module" src={assets.url("panel.js")} />
      </head>
      <body>
        <a class="skip" href="#content">
          {texts.nav.skip}
        </a>
        <header class="top">
          <a class="brand" href="/">
            <Logo />
            <span>{texts.product.name}</span>
          </a>
          {visitor && !kiosk ? <Navigation texts={texts} path={props.path} /> : null}
          <div class="top-end">
            {props.liveUrl === null ? null : <LiveState texts={texts} />}
            {visitor && !kiosk ? (
              <Account texts={texts} session={visitor.session} csrf={visitor.csrf} path={plainPath} />
            ) : null}
            {kiosk ? (
              <a class="quiet-link" href="/">
                {texts.now.leaveKiosk}
              </a>
            ) : null}
          </div>
        </header>
        {props.liveUrl === null ? null : (
          <p class="lost-strip" role="alert">
            {/* Filled by script when the connection is lost, so that it is spoken then and not before. */}
            <span data-lost-text={texts.live.lostDetail} />
          </p>
        )}
        {visitor ? <Notices scene={visitor.scene} /> : null}
        <main id="content" tabindex={-1}>
          {props.done ? (
            <p class="message message-done" role="status">
              {texts.done[props.done]}
            </p>
          ) : null}
          {props.children}
        </main>
        <footer class="bottom">
          <p>
            {texts.product.name} {props.version}
          </p>
          {visitor ? null : <LanguageSwitch texts={texts} csrf={null} path={plainPath} />}
        </footer>
        {visitor ? (
          <form id={ACT_FORM_ID} method="post" hidden>
            <Csrf token={visitor.csrf} />
            <input type="hidden" name="back" value={plainPath} />
          </form>
        ) : null}
      </body>
    </html>
  );
}
