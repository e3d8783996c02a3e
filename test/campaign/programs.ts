/**
 * The campaign's own programs, bundled once into a folder: plain files that Node starts in a tenth of a second.
 * Why: a world has a dozen of them, and two cores for all worlds.
 * Must not: bundle the product; that is `npm run build`, and its files are what is tested.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { root } from "../e2e/program.ts";

const execute = promisify(execFile);

export interface Programs {
  readonly collector: string;
  readonly agent: string;
  readonly telegram: string;
  readonly faultProxy: string;
  readonly speakers: string;
  readonly crowd: string;
}

const sources = {
  telegram: "test/fakes/telegram/main.ts",
  faultProxy: "test/campaign/fault-proxy.ts",
  speakers: "test/campaign/speakers.ts",
  crowd: "test/campaign/crowd.ts",
} as const;

/** Builds the product when a source changed, and the campaign's programs into `folder`. */
export async function buildPrograms(folder: string): Promise<Programs> {
  await execute(process.execPath, [join(root, "collector/start/build.mjs")], { timeout: 120_000 });
  await build({
    absWorkingDir: root,
    entryPoints: Object.entries(sources).map(([out, source]) => ({ in: source, out })),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // `ws` is CommonJS and asks for Node's modules by `require`.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    external: ["bufferutil", "utf-8-validate"],
    logLevel: "error",
  });
  const own = (name: keyof typeof sources): string => join(folder, `${name}.mjs`);
  return {
    collector: join(root, "dist/collector.js"),
    agent: join(root, "dist/agent.cjs"),
    telegram: own("telegram"),
    faultProxy: own("faultProxy"),
    speakers: own("speakers"),
    crowd: own("crowd"),
  };
}
