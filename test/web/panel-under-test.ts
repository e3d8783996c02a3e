/**
 * The panel on a test source, with a clock that stands still and users of each role.
 * Must not: loosen a guard; a test logs in the way a person does.
 */
import { userChange, type Role } from "../../web/auth/users.ts";
import { loadAssets } from "../../web/assets.ts";
import type { PanelOptions } from "../../web/context.ts";
import { createPanel, type Panel } from "../../web/panel.tsx";
import { createTestSource, type TestSource } from "./panel-source.ts";
import { START_MS } from "./view-samples.ts";

/** Weak on purpose: what is tested is the panel, not the strength of scrypt. */
export const WEAK_COST = { N: 2, r: 1, p: 1 };
export const PASSWORD = "sandi yang panjang";
export const API_TOKEN = "token-api-untuk-uji-1234567890";

const assets = loadAssets(null);

export interface PanelUnderTest extends Panel {
  readonly source: TestSource;
  readonly errors: unknown[];
  /** The clock is the test's. */
  readonly clock: { nowMs: number };
  addUser(username: string, role: Role): Promise<void>;
}

export async function createPanelUnderTest(options: Partial<PanelOptions> = {}): Promise<PanelUnderTest> {
  const clock = { nowMs: START_MS };
  const source = createTestSource(() => clock.nowMs);
  const errors: unknown[] = [];
  const panel = createPanel({
    source,
    assets: await assets,
    options: {
      version: "0.1.0-test",
      apiToken: API_TOKEN,
      now: () => clock.nowMs,
      passwordCost: WEAK_COST,
      onError: (error) => errors.push(error),
      ...options,
    },
  });
  return {
    ...panel,
    source,
    errors,
    clock,
    addUser: async (username, role) => {
      const cost = WEAK_COST;
      const id = `u-${username}`;
      await source.shelf.write([
        await userChange({ id, username, password: PASSWORD, role, nowMs: clock.nowMs, cost }),
      ]);
    },
  };
}

/** A browser's part: keeps cookies, sends forms with the page's own token. */
export interface Person {
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  html(path: string): Promise<string>;
  /** Posts fields; `csrf` is taken from the page at `from` unless the fields name one. */
  post(path: string, fields: Record<string, string | readonly string[]>, from?: string): Promise<Response>;
  cookies: Map<string, string>;
}

export function person(panel: Panel, headers: Record<string, string> = {}): Person {
  const cookies = new Map<string, string>();
  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await panel.app.request(path, {
      ...init,
      headers: { ...headers, ...(cookie ? { cookie } : {}), ...(init.headers as Record<string, string>) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const [name = "", value = ""] = pair.split("=");
      if (attributes.some((attribute) => attribute.trim() === "Max-Age=0")) cookies.delete(name);
      else cookies.set(name, decodeURIComponent(value));
    }
    return response;
  };
  const html = async (path: string) => (await request(path)).text();
  return {
    cookies,
    html,
    get: (path, extra = {}) => request(path, { headers: extra }),
    post: async (path, fields, from) => {
      const csrf = fields.csrf ?? (from === undefined ? undefined : tokenOf(await html(from)));
      const body = new URLSearchParams(
        Object.entries({ ...fields, ...(csrf === undefined ? {} : { csrf }) }).flatMap(([name, value]) =>
          [value].flat().map((one): [string, string] => [name, one]),
        ),
      );
      return request(path, {
        method: "POST",
        body,
        headers: { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" },
      });
    },
  };
}

export function tokenOf(html: string): string {
  return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? "";
}

export async function loggedIn(
  panel: PanelUnderTest,
  role: Role,
  language: "id" | "en" = "id",
): Promise<Person> {
  const username = `${role}-${language}`;
  await panel.addUser(username, role);
  const visitor = person(panel, { "accept-language": language });
  await visitor.post("/login", { username, password: PASSWORD });
  return visitor;
}
