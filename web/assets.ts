/**
 * The panel's own files: one stylesheet, one script, one icon; served under a name that holds their content's hash, so a
 * browser may keep them for ever.
 * Why two ways in: a build puts them into a directory; in development and tests the script is compiled in memory.
 * Must not: serve anything that is not in the list, or read files after the start.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What the build must put into `assetsDir`: name → where it comes from, below `web/`. */
export const ASSET_SOURCES = {
  "panel.css": "styles/panel.css",
  "panel.js": "islands/panel.ts",
  "icon.svg": "styles/icon.svg",
} as const;
export type AssetName = keyof typeof ASSET_SOURCES;

const types: Readonly<Record<AssetName, string>> = {
  "panel.css": "text/css; charset=utf-8",
  "panel.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

export interface Asset {
  readonly url: string;
  readonly type: string;
  readonly body: string;
}

export interface Assets {
  url(name: AssetName): string;
  /** By the last part of its URL. */
  find(file: string): Asset | null;
}

/** How the script is compiled, here and in the build: for browsers of the last three years. */
export const ISLAND_BUILD = {
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
} as const;

async function compileIsland(entry: string): Promise<string> {
  // Only where there is no build: esbuild is a development dependency.
  const { build } = await import("esbuild");
  const result = await build({ ...ISLAND_BUILD, entryPoints: [entry], write: false });
  return result.outputFiles[0]?.text ?? "";
}

/**
 * Reads the built files from `assetsDir`; null: compiles them from the sources beside this file. Rejects when a file is
 * missing: the build is broken then.
 */
export async function loadAssets(assetsDir: string | null): Promise<Assets> {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const names = Object.keys(ASSET_SOURCES) as AssetName[];
  const found = await Promise.all(
    names.map(async (name) => {
      const source = join(here, ASSET_SOURCES[name]);
      const body =
        assetsDir !== null
          ? await readFile(join(assetsDir, name), "utf8")
          : name === "panel.js"
            ? await compileIsland(source)
            : await readFile(source, "utf8");
      const hash = createHash("sha256").update(body).digest("base64url").slice(0, 10);
      const dot = name.lastIndexOf(".");
      const file = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
      return { name, file, asset: { url: `/assets/${file}`, type: types[name], body } };
    }),
  );
  const urls = new Map(found.map(({ name, asset }) => [name, asset.url]));
  const files = new Map(found.map(({ file, asset }) => [file, asset]));
  return {
    url: (name) => urls.get(name) ?? `/assets/${name}`,
    find: (file) => files.get(file) ?? null,
  };
}
