/**
 * A kept ledger as a page: `node --import tsx test/fakes/telegram/page-main.ts world.json [--zone Asia/Makassar]
 * [--title TEXT] > page.html`. The file is what `GET world` gives (with people, topics and pictures), or `GET ledger`.
 * Must not: write anything but the page to stdout.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { PAGE_ZONE, pageOf } from "./page.ts";
import { readSnapshot } from "./snapshot.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { zone: { type: "string", default: PAGE_ZONE }, title: { type: "string" } },
});
const [file] = positionals;
if (file === undefined) {
  process.stderr.write(
    "which file? page-main.ts world.json [--zone Asia/Makassar] [--title TEXT] > page.html\n",
  );
  process.exitCode = 2;
} else {
  const snapshot = readSnapshot(JSON.parse(readFileSync(file, "utf8")));
  const title = values.title === undefined ? {} : { title: values.title };
  process.stdout.write(pageOf(snapshot, { zone: values.zone, ...title }));
}
