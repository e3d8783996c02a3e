/**
 * What a live drawing is made of: the log of changes, the clock that says when to draw, and fragments drawn once for all
 * who see the same.
 * Must not: know connections; live.ts does.
 */
import type { Role } from "./auth/users.ts";
import { textsOf } from "./i18n/language.ts";
import type { Look } from "./look.ts";
import { NOTICES, Notices } from "./parts/notices.tsx";
import { htmlText, type Html, type Scene, type View } from "./scene.ts";
import type { Change, Language, PanelSource } from "./source.ts";

/** The last changes and their numbers: `<run>-<number>` is a position. Another run's positions mean nothing here. */
export function createChangeLog(run: string, changesKept: number) {
  let changes: Change[] = [];
  /** The number of `changes[0]`. */
  let first = 1;
  return {
    position: () => `${run}-${first + changes.length - 1}`,
    add: (change: Change) => {
      changes.push(change);
      // Cut in big steps: cutting one by one would copy the list each time.
      if (changes.length >= 2 * changesKept) {
        const dropped = changes.length - changesKept;
        changes = changes.slice(dropped);
        first += dropped;
      }
    },
    /** What came after a position; null when that is not known any more. */
    after: (position: string): readonly Change[] | null => {
      const dash = position.lastIndexOf("-");
      const number = Number(position.slice(dash + 1));
      if (position.slice(0, dash) !== run || !Number.isSafeInteger(number)) return null;
      if (number < first - 1 || number > first + changes.length - 1) return null;
      return changes.slice(number - first + 1);
    },
  };
}

/** Says when to draw: soon after a change, never more often than each `drawIntervalMs`. */
export function createDrawClock(drawIntervalMs: number, draw: () => void) {
  let timer: { readonly handle: NodeJS.Timeout; readonly dueMs: number } | null = null;
  let lastMs = -Infinity;
  return {
    drawWithin: (waitMs: number) => {
      const nowMs = performance.now();
      const dueMs = Math.max(nowMs + waitMs, lastMs + drawIntervalMs);
      if (timer && timer.dueMs <= dueMs) return;
      if (timer) clearTimeout(timer.handle);
      const handle = setTimeout(() => {
        timer = null;
        lastMs = performance.now();
        draw();
      }, dueMs - nowMs).unref();
      timer = { handle, dueMs };
    },
    close: () => {
      if (timer) clearTimeout(timer.handle);
      timer = null;
    },
  };
}

/** For whom a fragment is drawn. */
export interface Reader {
  readonly view: View;
  readonly language: Language;
  readonly role: Role;
}

/** The fragments of one drawing, each made once for all who see the same. */
export function createDrawings(source: PanelSource, look: Look, nowMs: number) {
  const scenes = new Map<string, Scene>();
  const drawn = new Map<string, Promise<string | null>>();
  const sceneFor = (language: Language, role: Role): Scene => {
    const key = `${language} ${role}`;
    const known = scenes.get(key);
    if (known) return known;
    const timeZone = look.system.timeZone;
    const scene = { source, look, texts: textsOf(language), language, role, nowMs, timeZone };
    scenes.set(key, scene);
    return scene;
  };
  return {
    draw: (reader: Reader, name: string): Promise<string | null> => {
      const { language, role, view } = reader;
      const key = [language, role, name === NOTICES ? "" : view.key, name].join("\n");
      let text = drawn.get(key);
      if (!text) {
        const scene = sceneFor(language, role);
        text = toText(name === NOTICES ? () => Notices({ scene }) : () => view.draw(name, scene));
        drawn.set(key, text);
      }
      return text;
    },
    finished: () => Promise.allSettled(drawn.values()),
  };
}

async function toText(draw: () => Html | null | Promise<Html | null>): Promise<string | null> {
  const html = await draw();
  return html === null ? null : htmlText(html);
}
