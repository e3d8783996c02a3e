/**
 * A real collector with a folder of its own, killed and started again at a word, and what its API says of its notifications.
 * Why η = 1 s and T = 6 s: the shortest T that the settings take; every other time follows from them.
 * Must not: be asked what was told. That is read from the ledgers of the fakes, which outlive it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi, type Api } from "../e2e/api.ts";
import type { Program } from "../e2e/program.ts";
import { until as untilSoon } from "../e2e/wait.ts";
import { startCollectorProgram } from "../e2e/world.ts";
import { openDevices, type Device, type Devices } from "./devices.ts";

export const HEARTBEAT_SECONDS = 1;
export const DOWN_AFTER_SECONDS = 6;
/**
 * Of a route: the shortest that it takes; then long enough for the first to be told after a kill, on a machine that stalls, for the
 * second takes the place of a first that waits still; no third comes while a run lasts.
 */
export const REPEAT_SECONDS = [60, 130, 86_400] as const;
/**
 * A condition that has not come by then on a busy machine never will: put off, in doubt twice, and half a minute. Waiting ends when
 * it holds, so it costs nothing.
 */
export const PATIENCE_MS = 255_000;
/** Two dozen collectors that are asked ten times a second would do nothing else. */
const LOOK_EVERY_MS = 500;
const API_TOKEN = "telling-token-of-this-office";

/** A row of the outbox, as the API shows it. */
export interface NotificationAnswer {
  readonly recipientName: string;
  readonly step: string;
  readonly status: string;
  readonly attempts: number;
  readonly lastError: string | null;
}

interface RecipientAnswer {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
}

export interface Office {
  readonly api: Api;
  readonly program: Program;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  addRecipient(recipient: {
    readonly channel: string;
    readonly address: string;
    readonly name: string;
    readonly [key: string]: unknown;
  }): Promise<string>;
  /** Repeats of the route that takes everything, seconds. */
  setRepeats(repeatSeconds: readonly number[]): Promise<void>;
  /** Devices under these names, watched and up. */
  addDevices(...names: readonly string[]): Promise<readonly Device[]>;
  /** Ids of `count` incidents, the oldest first, once so many are open. */
  openIncidents(count: number): Promise<readonly string[]>;
  rows(incidentId: string): Promise<readonly NotificationAnswer[]>;
  /** Waits for `count` rows of a step, together in these incidents, all of which are so. */
  rowsAre(
    incidentIds: readonly string[],
    step: string,
    count: number,
    what: string,
    isSo: (row: NotificationAnswer) => boolean,
  ): Promise<void>;
  /** Waits until a send of a step to each of `count` recipients was put off by a 429, and none of it is under way. */
  postponed(incidentIds: readonly string[], step: string, count: number): Promise<void>;
  /** Waits until a row of this recipient failed in this way. */
  rowMet(incidentIds: readonly string[], recipientName: string, step: string, error: RegExp): Promise<void>;
  /** No row of these incidents is to be sent any more. */
  settled(incidentIds: readonly string[]): Promise<void>;
  ended(incidentIds: readonly string[]): Promise<void>;
  /** Waits until the recipient of this name is switched off, or on. */
  recipientIs(name: string, enabled: boolean): Promise<void>;
  close(): Promise<void>;
}

const until = <T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | null | undefined | false>,
): Promise<T> => untilSoon(what, limitMs, look, LOOK_EVERY_MS);

/** Not to be sent any more. `unknown` is final only for what is never repeated. */
function isSettled({ status, step }: NotificationAnswer): boolean {
  if (status === "unknown") return step === "repeat" || step === "pin";
  return status === "sent" || status === "rejected" || status === "superseded";
}

export async function openOffice(settings: Readonly<Record<string, string>>): Promise<Office> {
  const folder = await mkdtemp(join(tmpdir(), "detak-telling-"));
  const devices: Devices = await openDevices();
  let program: Program | null = null;
  let api = createApi("http://127.0.0.1:1", API_TOKEN);

  async function start(): Promise<void> {
    const collector = await startCollectorProgram(
      {
        DETAK_HOST: "127.0.0.1",
        DETAK_PORT: "0",
        DETAK_DATA_DIR: join(folder, "data"),
        DETAK_HEARTBEAT_SECONDS: String(HEARTBEAT_SECONDS),
        DETAK_DOWN_AFTER_SECONDS: String(DOWN_AFTER_SECONDS),
        DETAK_API_TOKEN: API_TOKEN,
        DETAK_SENTINELS: "none",
        DETAK_LANGUAGE: "en",
        ...settings,
      },
      (started) => (program = started),
    );
    api = createApi(collector.url, API_TOKEN);
  }

  const rows = async (incidentId: string): Promise<readonly NotificationAnswer[]> => {
    const { notifications } = await api.get<{ readonly notifications: readonly NotificationAnswer[] }>(
      `incidents/${incidentId}`,
    );
    return notifications;
  };
  const allRows = async (incidentIds: readonly string[]): Promise<readonly NotificationAnswer[]> =>
    (await Promise.all(incidentIds.map(rows))).flat();
  /** The rows that are not as they should be, for whoever waits in vain. */
  const unlike = (found: readonly NotificationAnswer[]): Error =>
    new Error(
      found
        .slice(0, 6)
        .map(
          (row) => `${row.recipientName} ${row.step} ${row.status} (${row.attempts}) ${row.lastError ?? ""}`,
        )
        .join("; "),
    );
  const recipientsNow = async () =>
    (await api.get<{ readonly items: readonly RecipientAnswer[] }>("recipients?limit=200")).items;

  const office: Office = {
    get api() {
      return api;
    },
    get program() {
      if (program === null) throw new Error("no collector was started");
      return program;
    },
    start,
    async kill() {
      await program?.kill();
    },
    async addRecipient(recipient) {
      return (await api.post<{ readonly id: string }>("recipients", { language: "en", ...recipient })).id;
    },
    async setRepeats(repeatSeconds) {
      await api.patch("routes/default", { repeatSeconds });
    },
    async addDevices(...names) {
      const added = names.map((name) => devices.add(name));
      const ids = await Promise.all(
        added.map(async ({ server }) => (await api.post<{ readonly id: string }>("servers", server)).id),
      );
      await until("the devices are up", PATIENCE_MS, async () => {
        const servers = await Promise.all(ids.map((id) => api.server(id)));
        return servers.every(({ status }) => status === "up");
      });
      return added;
    },
    async openIncidents(count) {
      const open = await until(`${count} incidents are open`, PATIENCE_MS, async () => {
        const found = (await api.incidents()).filter(({ endedAt }) => endedAt === null);
        return found.length === count && found;
      });
      return open.map(({ id }) => id);
    },
    rows,
    async rowsAre(incidentIds, step, count, what, isSo) {
      await until(`${count} rows of ${step} are ${what}`, PATIENCE_MS, async () => {
        const found = (await allRows(incidentIds)).filter((row) => row.step === step);
        if (found.length >= count && found.every(isSo)) return true;
        throw unlike([...found.filter((row) => !isSo(row)), ...found]);
      });
    },
    async postponed(incidentIds, step, count) {
      await until(`${step} is put off for ${count} recipients`, PATIENCE_MS, async () => {
        const found = (await allRows(incidentIds)).filter((row) => row.step === step);
        const putOff = new Set(
          found
            .filter(({ status, lastError }) => status === "retry" && /\b429\b/.test(lastError ?? ""))
            .map(({ recipientName }) => recipientName),
        );
        // Behind one that was put off others are queued. Alone, a queued one may be on its way the next moment.
        const isSo = ({ status, recipientName }: NotificationAnswer): boolean =>
          putOff.has(recipientName) && (status === "retry" || status === "queued");
        if (putOff.size === count && found.every(isSo)) return true;
        throw unlike(found.filter((row) => !isSo(row)));
      });
    },
    async rowMet(incidentIds, recipientName, step, error) {
      await until(`${recipientName}: ${step} met ${error.source}`, PATIENCE_MS, async () =>
        (await allRows(incidentIds)).some(
          (row) =>
            row.recipientName === recipientName && row.step === step && error.test(row.lastError ?? ""),
        ),
      );
    },
    async settled(incidentIds) {
      await until("everything is settled", PATIENCE_MS, async () => {
        const open = (await allRows(incidentIds)).filter((row) => !isSettled(row));
        if (open.length === 0) return true;
        throw unlike(open);
      });
    },
    async ended(incidentIds) {
      await until("the incidents are over", PATIENCE_MS, async () => {
        const all = await api.incidents();
        return incidentIds.every((id) => all.find((one) => one.id === id)?.endedAt != null);
      });
    },
    async recipientIs(name, enabled) {
      await until(`${name} is switched ${enabled ? "on" : "off"}`, PATIENCE_MS, async () =>
        (await recipientsNow()).some((one) => one.name === name && one.enabled === enabled),
      );
    },
    async close() {
      await program?.kill().catch(() => undefined);
      await devices.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await start();
  } catch (error) {
    await office.close();
    throw error;
  }
  return office;
}
