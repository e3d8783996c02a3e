/**
 * The JSON API of a running collector, as a script would use it.
 * Must not: know more of a collector than surface.md promises.
 */
export interface ServerAnswer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly statusSince: string;
  readonly lastHeartbeatAt: string | null;
}
interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface IncidentAnswer {
  readonly id: string;
  readonly number: number;
  readonly kind: string;
  readonly variant: string | null;
  readonly serverId: string | null;
  readonly serverName: string;
  readonly siteId: string | null;
  readonly siteName: string;
  /** The id of the incident that tells it. */
  readonly groupedUnder: string | null;
  readonly startedAt: string;
  readonly detectedAt: string;
  readonly endedAt: string | null;
  readonly confidence: string;
  readonly cause: string;
  readonly finalCause: string | null;
}

export interface Api {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  remove(path: string): Promise<void>;
  server(id: string): Promise<ServerAnswer>;
  servers(): Promise<readonly ServerAnswer[]>;
  /** All of this collector, the oldest first. */
  incidents(): Promise<readonly IncidentAnswer[]>;
  /** What the collector knows of each of an incident's notifications: `queued`, `sending`, `sent`, … */
  notificationStatuses(incidentId: string): Promise<readonly string[]>;
}

/** A call to a collector on this machine that takes longer has been lost. */
const CALL_LIMIT_MS = 10_000;

/** Calls reject with the status and the answer's text when it is not 2xx. */
export function createApi(url: string, token: string): Api {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(new URL(`/api/v1/${path}`, url), {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_LIMIT_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
  const get = <T>(path: string): Promise<T> => call("GET", path);
  /** All pages of a list. */
  const everyOf = async <T>(path: string): Promise<T[]> => {
    const all: T[] = [];
    let after = "";
    for (;;) {
      const { items, nextCursor } = await get<Page<T>>(`${path}?limit=100${after}`);
      all.push(...items);
      if (nextCursor === null) return all;
      after = `&cursor=${encodeURIComponent(nextCursor)}`;
    }
  };
  return {
    get,
    post: (path, body) => call("POST", path, body),
    patch: (path, body) => call("PATCH", path, body),
    remove: (path) => call("DELETE", path),
    server: (id) => get(`servers/${id}`),
    servers: () => everyOf("servers"),
    async incidents() {
      const all = await everyOf<IncidentAnswer>("incidents");
      return all.sort((a, b) => a.number - b.number);
    },
    async notificationStatuses(incidentId) {
      const { notifications } = await get<{ readonly notifications: readonly { readonly status: string }[] }>(
        `incidents/${incidentId}`,
      );
      return notifications.map(({ status }) => status);
    },
  };
}
