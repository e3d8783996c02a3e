/**
 * The simulator with one mistake in it, as a bundle: the sources as they are, but for the edits.
 * Why a bundle: each mistake is its own program, nothing on the disk is touched, and the real modules stay as they are.
 * Must not: guess where an edit belongs. A text that stands not exactly once is an error that names it.
 */
import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Plugin } from "esbuild";
import { bundleOf, root } from "../bundle.ts";
import type { Edit, Mistake } from "./mistake.ts";

/** The text of a bundle whose `mistakes/worlds.ts` runs worlds with this mistake; null: with none. */
export async function bundled(mistake: Mistake | null): Promise<string> {
  const edits = mistake?.edits ?? [];
  const applied = new Set<Edit>();
  const text = await bundleOf("test/sim/mistakes/worlds.ts", [patching(edits, applied)]);
  for (const edit of edits)
    if (!applied.has(edit))
      throw new Error(`"${mistake?.name ?? ""}": ${edit.file} is no part of the simulator`);
  return text;
}

function patching(edits: readonly Edit[], applied: Set<Edit>): Plugin {
  return {
    name: "mistake",
    setup(plugin) {
      plugin.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const file = relative(root, path).split(sep).join("/");
        const here = edits.filter((edit) => edit.file === file);
        if (here.length === 0) return undefined;
        let contents = await readFile(join(root, file), "utf8");
        for (const edit of here) {
          contents = edited(contents, edit);
          applied.add(edit);
        }
        return { contents, loader: "ts" };
      });
    },
  };
}

/** `text` with the edit made. Throws when what it changes stands there never, or more than once. */
export function edited(text: string, { file, was, now }: Edit): string {
  const parts = text.split(was);
  if (parts.length !== 2)
    throw new Error(`${file}: this stands there ${parts.length - 1} times, not once:\n${was}`);
  return parts.join(now);
}
