/**
 * From an SVG to a PNG, beside the event loop, with fonts of our own: a server may have none.
 * Why lazy: the renderer is native code. It is loaded with the first picture, and where there is none for a platform, or
 * it was not delivered, there are no pictures and the text goes alone.
 * Must not: throw or hold up an alert: what cannot be painted is null; or read a font or a picture that an SVG names.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { renderAsync } from "@resvg/resvg-js";
import { encodePng } from "./png.ts";

/** Waiting pictures; more are refused: they take a place among the threads that also write to the disk. */
const WAITING_MAX = 20;
const FONTS = ["DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"];

export interface Painter {
  /** The picture as a PNG; null: none can be made now, go on without. One at a time; never rejects. */
  toPng(svg: string): Promise<Buffer | null>;
}

/** What is needed of the package. */
interface Renderer {
  readonly renderAsync: typeof renderAsync;
}

export interface PainterParts {
  /** Told once when there is no renderer, and of each picture that failed; one line for the log. */
  readonly onProblem: (message: string) => void;
  /** For tests of a platform without one. */
  readonly load?: () => Promise<Renderer>;
}

export function createPainter({ onProblem, load = loadRenderer }: PainterParts): Painter {
  let renderer: Promise<Renderer | null> | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const loaded = (): Promise<Renderer | null> =>
    (renderer ??= load().catch((error: unknown) => {
      onProblem(`no pictures here: ${wordsOf(error)}`);
      return null;
    }));
  const paint = async (svg: string): Promise<Buffer | null> => {
    try {
      const resvg = await loaded();
      if (!resvg) return null;
      const image = await resvg.renderAsync(svg, {
        font: {
          loadSystemFonts: false,
          fontFiles: FONTS.map(fontFile),
          defaultFontFamily: "DejaVu Sans",
        },
      });
      return await encodePng(image.pixels, image.width, image.height);
    } catch (error) {
      onProblem(`a picture failed: ${wordsOf(error)}`);
      return null;
    }
  };

  return {
    toPng(svg) {
      if (waiting >= WAITING_MAX) {
        onProblem(`a picture was left out: ${WAITING_MAX} wait already`);
        return Promise.resolve(null);
      }
      waiting += 1;
      const png = turn.then(() => paint(svg)).finally(() => (waiting -= 1));
      turn = png;
      return png;
    },
  };
}

async function loadRenderer(): Promise<Renderer> {
  const resvg = await import("@resvg/resvg-js");
  for (const name of FONTS) if (!existsSync(fontFile(name))) throw new Error(`the font ${name} is missing`);
  return resvg;
}

/** Beside the bundle, where the build put it; otherwise in its package. Throws when the package is not there. */
function fontFile(name: string): string {
  const beside = fileURLToPath(new URL(`fonts/${name}`, import.meta.url));
  if (existsSync(beside)) return beside;
  return createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}`);
}

function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
