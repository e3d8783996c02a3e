/**
 * Keeps "12 minutes ago" and "for 12 minutes" true while the page is open.
 * Must not: trust the browser's clock; the server says what time it is.
 */
import { spokenDuration, spokenMoment } from "./spoken-time.ts";

/** Seconds are shown below a minute only; five of them are close enough. */
const REFRESH_MS = 5_000;

export interface PageClock {
  /** The server's time, when it says it. */
  correct(serverNowMs: number): void;
  refresh(): void;
}

export function startClock(): PageClock {
  const language = document.documentElement.lang;
  const drawnMs = Number(document.documentElement.dataset.now);
  let aheadMs = Number.isFinite(drawnMs) && drawnMs > 0 ? drawnMs - Date.now() : 0;

  const refresh = () => {
    const nowMs = Date.now() + aheadMs;
    for (const element of document.querySelectorAll<HTMLElement>("[data-ago]"))
      say(element, spokenMoment(language, Number(element.dataset.ago), nowMs));
    for (const element of document.querySelectorAll<HTMLElement>("[data-lasting]"))
      say(element, spokenDuration(language, nowMs - Number(element.dataset.lasting)));
  };
  setInterval(refresh, REFRESH_MS);
  return {
    correct: (serverNowMs) => {
      aheadMs = serverNowMs - Date.now();
    },
    refresh,
  };
}

/** Only when it differs: an equal text would still be read out by a screen reader. */
function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
