/**
 * Calls the JSON API of a panel under test, as a program does.
 * Must not: know a route; what comes is judged by the test, not by a type that claims it.
 */
/* Answers are `any` here, on purpose: a type would only repeat what the test is to find out. */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment */
import { API_TOKEN, type PanelUnderTest } from "./panel-under-test.ts";

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly json: any;
}

export function caller(
  panel: PanelUnderTest,
  headers: Record<string, string> = { authorization: `Bearer ${API_TOKEN}` },
) {
  return async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await panel.app.request(`/api/v1/${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      json: text === "" ? null : JSON.parse(text),
    };
  };
}
