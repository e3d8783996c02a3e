/**
 * Keeps the page alive: receives drawn fragments and puts them in place; shows a lost connection and heals it.
 * Why not only EventSource's own retry: it gives up on an error answer, and does not notice a connection that is silently
 * dead.
 * Must not: draw anything itself, or take the focus or a half-typed word away.
 */

/** The server pings every 15 s; two and a half of them without a word is a dead connection. */
const SILENCE_MAX_MS = 40_000;
/** First and longest wait before another try; drawn at random, so that 200 panels do not come at once. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 20_000;
/** A blink of the network is not worth a word. */
const LOST_AFTER_MS = 2_500;
/** How long a changed fragment is tinted; the style sheet fades within it. */
const TINT_MS = 2_000;

interface DrawnFragment {
  readonly name: string;
  readonly html: string | null;
}

interface HtmlPolicy {
  createHTML(html: string): string;
}
declare const trustedTypes:
  { createPolicy(name: string, rules: { createHTML: (html: string) => string }): HtmlPolicy } | undefined;

/** The content policy lets only this one turn a text into elements; the text is our own server's drawing. */
const policy: HtmlPolicy =
  typeof trustedTypes === "undefined"
    ? { createHTML: (html) => html }
    : trustedTypes.createPolicy("detak", { createHTML: (html) => html });

/** `drawn` is called after fragments were put in place. */
export function startLive(drawn: (serverNowMs: number | null) => void): void {
  const root = document.documentElement;
  const address = root.dataset.live;
  if (!address) return;
  const lostText = document.querySelector<HTMLElement>("[data-lost-text]");

  let source: EventSource | null = null;
  let position: string | null = null;
  let failures = 0;
  let watchdog = 0;
  let retry = 0;
  let lost = 0;

  const show = (state: "connecting" | "on" | "lost") => {
    root.dataset.liveState = state;
    if (lostText) lostText.textContent = state === "lost" ? (lostText.dataset.lostText ?? "") : "";
  };

  const alive = () => {
    failures = 0;
    clearTimeout(lost);
    lost = 0;
    show("on");
    clearTimeout(watchdog);
    watchdog = window.setTimeout(broken, SILENCE_MAX_MS);
  };

  const broken = () => {
    source?.close();
    source = null;
    clearTimeout(watchdog);
    if (lost === 0) lost = window.setTimeout(() => show("lost"), LOST_AFTER_MS);
    clearTimeout(retry);
    const ceiling = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** failures);
    failures += 1;
    retry = window.setTimeout(connect, ceiling / 2 + (Math.random() * ceiling) / 2);
  };

  const connect = () => {
    const url = new URL(address, location.href);
    if (position !== null) url.searchParams.set("since", position);
    const opened = new EventSource(url);
    source = opened;
    opened.addEventListener("ping", (event: MessageEvent<string>) => {
      alive();
      drawn(Number(event.data));
    });
    opened.addEventListener("fragments", (event: MessageEvent<string>) => {
      alive();
      position = event.lastEventId;
      const fragments = JSON.parse(event.data) as readonly DrawnFragment[];
      requestAnimationFrame(() => {
        for (const fragment of fragments) replace(fragment);
        drawn(null);
      });
    });
    // Logged out elsewhere: the page itself leads to the login.
    opened.addEventListener("gone", () => location.reload());
    opened.addEventListener("error", () => {
      if (opened === source) broken();
    });
  };

  show("connecting");
  connect();
  // A phone that was asleep: do not wait for the watchdog.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && root.dataset.liveState === "lost") {
      failures = 0;
      broken();
    }
  });
  // A page kept in the back-forward cache must not hold a connection.
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
}

function replace({ name, html }: DrawnFragment): void {
  const old = document.getElementById(`live-${name}`);
  if (!old) return;
  if (html === null) {
    old.remove();
    return;
  }
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  const fresh = template.content.firstElementChild;
  if (!fresh || fresh.outerHTML === old.outerHTML) return;
  const focused = old.contains(document.activeElement) ? focusKey(document.activeElement) : null;
  old.replaceWith(fresh);
  if (focused) restoreFocus(fresh, focused);
  fresh.classList.add("changed");
  window.setTimeout(() => fresh.classList.remove("changed"), TINT_MS);
}

interface FocusKey {
  readonly attribute: "id" | "data-focus" | "href";
  readonly value: string;
}

/** What the focused element is called, so that its successor can be found. */
function focusKey(element: Element | null): FocusKey | null {
  for (const attribute of ["id", "data-focus", "href"] as const) {
    const value = element?.getAttribute(attribute);
    if (value) return { attribute, value };
  }
  return null;
}

function restoreFocus(root: Element, { attribute, value }: FocusKey): void {
  const successor = root.querySelector<HTMLElement>(`[${attribute}="${CSS.escape(value)}"]`);
  successor?.focus({ preventScroll: true });
}
