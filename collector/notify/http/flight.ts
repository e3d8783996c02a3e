/**
 * What is known of one HTTP request beyond its error: was it ever written to the wire, and which status came back.
 * Why: Telegram has no idempotency key. A request that never left (refused, no name, TLS failed, firewall) may be sent
 * again at once; one that left and was not answered may have been accepted. Error codes alone cannot tell the two
 * apart: a reset looks the same before and after.
 * How: Node's fetch says on `node:diagnostics_channel` when it begins to write a request; the asynchronous context ties
 * that to the flight it belongs to.
 * Must not: retry, or read bodies.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";

export interface Flight {
  /** false: certainly never written; null: not known (fetch did not say). */
  written: boolean | null;
  /** Of the last answer whose head arrived. */
  status: number | null;
}

const present = new AsyncLocalStorage<Flight>();
const flightOf = new WeakMap<object, Flight>();

function requestIn(message: unknown): object | null {
  if (typeof message !== "object" || message === null || !("request" in message)) return null;
  return typeof message.request === "object" ? message.request : null;
}

subscribe("undici:request:create", (message) => {
  const flight = present.getStore();
  const request = requestIn(message);
  if (!flight || !request) return;
  flightOf.set(request, flight);
  flight.written ??= false;
});
// Said just before the first byte is handed to the socket, so "not said" means "not written".
subscribe("undici:client:sendHeaders", (message) => {
  const request = requestIn(message);
  const flight = request && flightOf.get(request);
  if (flight) flight.written = true;
});

export function newFlight(): Flight {
  return { written: null, status: null };
}

/** Runs `work` so that the requests it makes through `trackedFetch` report to `flight`. */
export function track<T>(flight: Flight, work: () => Promise<T>): Promise<T> {
  return present.run(flight, work);
}

/**
 * A fetch for sends. A fresh connection each time: on a kept one that the other side has just closed, a reset would
 * make the fate of a message unknown for no reason. Redirects are answers, never followed: they would carry the token
 * and the message elsewhere.
 */
export const trackedFetch: typeof fetch = async (input, init) => {
  const flight = present.getStore();
  const { protocol } = new URL(input instanceof Request ? input.url : input);
  if (protocol !== "http:" && protocol !== "https:") {
    throw Object.assign(new TypeError("the API root is not http or https"), { code: "ERR_INVALID_URL" });
  }
  const headers = new Headers(init?.headers);
  headers.set("connection", "close");
  const response = await fetch(input, { ...init, headers, redirect: "manual" });
  if (flight) flight.status = response.status;
  return response;
};
