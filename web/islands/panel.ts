/**
 * The one script of the panel: live fragments, fresh times, a shortcut, copying.
 * Why so little: every page works without it.
 * Must not: draw pages, or hold texts.
 */
import { startClock } from "./clock.ts";
import { startLive } from "./live.ts";

document.documentElement.classList.add("scripted");

const clock = startClock();
startLive((serverNowMs) => {
  if (serverNowMs !== null && Number.isFinite(serverNowMs)) clock.correct(serverNowMs);
  clock.refresh();
});

/** `/` goes to the search field, as on many sites; not while somebody types. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  if (target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector<HTMLInputElement>(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

/** How long the button says that it is copied. */
const COPIED_MS = 2_000;

async function copy(button: HTMLElement): Promise<void> {
  const text = button.dataset.copy ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS a browser has no clipboard for pages: mark the text, so that the person can copy it.
    const code = button.parentElement?.querySelector("code");
    if (code) getSelection()?.selectAllChildren(code);
    return;
  }
  const label = button.textContent;
  button.textContent = button.dataset.copied ?? "";
  window.setTimeout(() => (button.textContent = label), COPIED_MS);
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest<HTMLElement>("[data-copy]");
  if (button) void copy(button);
  // The account menu closes when one looks elsewhere.
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.account[open]"))
    if (target && !menu.contains(target)) menu.open = false;
});
