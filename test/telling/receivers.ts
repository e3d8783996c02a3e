/**
 * One receiver of webhooks and one ntfy topic for each way in which they may fail: each a server of its own.
 * Why servers: a refused connection, a wrong key and an answer without end are then one receiver's and nobody else's.
 * Must not: judge.
 */
import { startFakeNtfy } from "../fakes/ntfy/ntfy.ts";
import type { HttpFault } from "../fakes/http/serving.ts";
import { startFakeWebhook } from "../fakes/webhook/webhook.ts";
import { factsOf, type Fact } from "./facts.ts";

type HttpChannel = "webhook" | "ntfy";

export interface Receiver {
  readonly channel: HttpChannel;
  /** The fault, and the recipient's name. */
  readonly name: string;
  readonly recipient: {
    readonly channel: HttpChannel;
    readonly address: string;
    readonly name: string;
    readonly secret: string | null;
  };
  /** Nobody can know what became of a send that meets the fault. */
  readonly isUnknown: boolean;
  /** Lasts until it is mended: strikes every send. */
  readonly lasts: boolean;
  strike(): Promise<void>;
  mend(): Promise<void>;
  /** The next send is read, accepted or not, and never answered. */
  hang(when: "before" | "after"): void;
  /** The next send is told to come again after so many seconds. */
  postpone(seconds: number): void;
  readonly requestCount: number;
  readonly messageCount: number;
  /** What it accepted, in order; what it knew already by its id is not there twice. */
  facts(): readonly Fact[];
  close(): Promise<void>;
}

interface Kind {
  readonly fault: HttpFault | "no fault" | "connections refused" | "a wrong key";
  readonly isUnknown?: true;
  /** Left out: both. */
  readonly only?: HttpChannel;
}

const kinds: Readonly<Record<string, Kind>> = {
  "no fault": { fault: "no fault" },
  "429 without a time": { fault: { kind: "too_many_requests" } },
  "429 with a time": { fault: { kind: "too_many_requests", retryAfterSeconds: 4 } },
  "503 with a time": {
    fault: { kind: "raw", status: 503, body: "{}", headers: { "retry-after": "3" } },
    isUnknown: true,
  },
  "5xx before accepting": { fault: { kind: "server_error", when: "before" }, isUnknown: true },
  "5xx after accepting": { fault: { kind: "server_error", when: "after", body: "html" }, isUnknown: true },
  "a reset before accepting": { fault: { kind: "drop", when: "before" }, isUnknown: true },
  "a reset after accepting": { fault: { kind: "drop", when: "after" }, isUnknown: true },
  "half an answer": { fault: { kind: "half_body" }, isUnknown: true },
  "no answer, not accepted": { fault: { kind: "hang", when: "before" }, isUnknown: true },
  "no answer, accepted": { fault: { kind: "hang", when: "after" }, isUnknown: true },
  "an answer without end": { fault: { kind: "slow_body" }, isUnknown: true },
  "an answer of two megabytes": { fault: { kind: "long_body", bytes: 2_000_000 }, isUnknown: true },
  // To a webhook any 2xx is an acceptance: that is what its receivers are told to answer.
  "HTML with 200, not accepted": { fault: { kind: "html", when: "before" }, isUnknown: true, only: "ntfy" },
  "HTML with 200, accepted": { fault: { kind: "html", when: "after" }, isUnknown: true },
  // ntfy says so of the message as such, which is then given up.
  "400": { fault: { kind: "parse_error" }, only: "webhook" },
  "a proxy's page with 404": { fault: { kind: "raw", status: 404, body: "<html></html>" } },
  "a wrong key": { fault: "a wrong key" },
  "connections refused": { fault: "connections refused" },
};

const WRONG_KEY = {
  webhook: `whsec_${Buffer.from("another key of thirty-two bytes!").toString("base64")}`,
  ntfy: "tk_AnotherTokenThanTheOneThatWasGiven",
};

/** The ledger and the ways of one server, whichever it is. */
async function serverOf(channel: HttpChannel) {
  if (channel === "ntfy") {
    const fake = await startFakeNtfy();
    return {
      fake,
      address: fake.topicUrl(),
      key: fake.token,
      setKey: (key: string | null) => void (fake.token = key),
      facts: () => fake.ledger.flatMap(({ title, message }) => factsOf(`${title}\n${message}`)),
    };
  }
  const fake = await startFakeWebhook();
  return {
    fake,
    address: fake.url,
    key: fake.secret,
    setKey: (key: string | null) => void (fake.secret = key),
    facts: () =>
      fake.ledger.map(({ type, data }): Fact => {
        const { incidentNumber, repeat, maybeToldBefore } = data;
        const count = (repeat as { readonly count: number } | null)?.count;
        return {
          what: `${type.replace("incident.", "")}${count === undefined ? "" : ` ${count}`}`,
          incident: Number(incidentNumber),
          marked: maybeToldBefore === true,
          text: JSON.stringify(data),
        };
      }),
  };
}

async function openReceiver(channel: HttpChannel, name: string, kind: Kind): Promise<Receiver> {
  const { fake, address, key, setKey, facts } = await serverOf(channel);
  const { fault } = kind;
  return {
    channel,
    name,
    recipient: { channel, address, name: `${channel}: ${name}`, secret: key },
    isUnknown: kind.isUnknown ?? false,
    lasts: fault === "connections refused" || fault === "a wrong key",
    async strike() {
      if (fault === "connections refused") await fake.refuse();
      else if (fault === "a wrong key") setKey(WRONG_KEY[channel]);
      else if (fault !== "no fault") fake.faults.push(fault);
    },
    async mend() {
      if (fault === "connections refused") await fake.accept();
      else if (fault === "a wrong key") setKey(key);
    },
    hang: (when) => void fake.faults.push({ kind: "hang", when }),
    postpone: (retryAfterSeconds) => void fake.faults.push({ kind: "too_many_requests", retryAfterSeconds }),
    get requestCount() {
      return fake.requests.length;
    },
    get messageCount() {
      return fake.ledger.length;
    },
    facts,
    close: () => fake.close(),
  };
}

/** A receiver for each fault of each channel. `channelsOnly`: of ntfy only the one without a fault. */
export function openReceivers(which: { readonly ntfyFaults: boolean }): Promise<readonly Receiver[]> {
  const wanted = Object.entries(kinds).flatMap(([name, kind]) =>
    (["webhook", "ntfy"] as const)
      .filter((channel) => kind.only === undefined || kind.only === channel)
      .filter((channel) => channel === "webhook" || which.ntfyFaults || kind.fault === "no fault")
      .map((channel) => ({ channel, name, kind })),
  );
  return Promise.all(wanted.map(({ channel, name, kind }) => openReceiver(channel, name, kind)));
}
