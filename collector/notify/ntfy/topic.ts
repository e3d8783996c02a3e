/**
 * A topic's URL as ntfy's JSON interface wants it: the server's root, and the topic's name.
 * Must not: ask anybody.
 */
import { httpUrl } from "../http/address.ts";

/** ntfy's own rule for names. */
const TOPIC = /^\/([-_A-Za-z0-9]{1,64})\/?$/;

export interface Topic {
  /** Where messages are published as JSON. */
  readonly root: URL;
  readonly name: string;
}

/** null: not the address of one topic. ntfy is always at the root of its host. */
export function topicOf(address: string): Topic | null {
  const url = httpUrl(address);
  const name = url?.search === "" ? TOPIC.exec(url.pathname)?.[1] : undefined;
  return url && name !== undefined ? { root: new URL("/", url), name } : null;
}
