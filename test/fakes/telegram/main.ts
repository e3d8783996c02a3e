/**
 * The fake Bot API as a process of its own, for tests with real collectors: the ledger outlives them.
 * Run: `tsx test/fakes/telegram/main.ts --port 0 [--control-port 0] [--token T] [--quota]`; prints one JSON line
 * `{"apiRoot", "control", "token"}` when it listens. With a control port, `/control/refuse` can close the Bot API's own.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { control } from "./control.ts";
import { startFakeTelegram, type FakeTelegram } from "./server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "control-port": { type: "string" },
    token: { type: "string" },
    quota: { type: "boolean", default: false },
  },
});

let fake: FakeTelegram | null = null;
const door = async (...call: Parameters<typeof control> extends [unknown, ...infer Rest] ? Rest : never) => {
  if (fake) await control(fake, ...call);
};
fake = await startFakeTelegram({
  port: Number(values.port),
  enforceQuota: values.quota,
  control: door,
  ...(values.token === undefined ? {} : { token: values.token }),
});

let controlRoot = fake.apiRoot;
const controlServer = createServer((request, response) => {
  door(request, response, new URL(request.url ?? "/", "http://127.0.0.1")).catch((error: unknown) => {
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ ok: false, error: String(error) }));
  });
});
if (values["control-port"] !== undefined) {
  await new Promise<void>((resolve) =>
    controlServer.listen(Number(values["control-port"]), "127.0.0.1", resolve),
  );
  controlRoot = `http://127.0.0.1:${(controlServer.address() as AddressInfo).port}`;
}
process.stdout.write(
  `${JSON.stringify({ apiRoot: fake.apiRoot, control: `${controlRoot}/control`, token: fake.token })}\n`,
);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    controlServer.close();
    controlServer.closeAllConnections();
    void fake.close();
  });
}
