/**
 * A part of the simulator as one file that Node runs by itself.
 * Why: a world calls small functions billions of times; compiled file by file, with each function's name kept, they take a seventh more.
 * Must not: write anything, or change what the sources say (a plugin may: the mistakes put in on purpose).
 */
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** The house; paths below are from here. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The text of an ES module: the file `entry` with all that it imports. Rejects when it cannot be built. */
export async function bundleOf(entry: string, plugins: readonly Plugin[] = []): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "silent",
    plugins: [...plugins],
  });
  return outputFiles[0]?.text ?? "";
}
