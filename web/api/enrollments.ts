/**
 * `/api/v1/enrollments`: join tokens for agents.
 * Must not: show a token again; only its hash is kept.
 */
import { enrollCommands } from "../pages/enrollment.tsx";
import { enrollmentRules } from "../rules.ts";
import { bodyOf, type Call } from "./call.ts";
import { refused } from "./problem.ts";
import { timeShape } from "./shapes.ts";

export async function createEnrollment(call: Call): Promise<Response> {
  const body = await bodyOf(call, enrollmentRules);
  if (body instanceof Response) return body;
  const result = await call.panel.source.createEnrollment(body);
  if (!result.ok)
    return refused(call.c, result.code, { site_not_found: "siteId", server_not_found: "serverId" });
  const { token, expiresAtMs } = result.value;
  return call.c.json(
    { token, expiresAt: timeShape(expiresAtMs), commands: enrollCommands(call.panel, call.c, token) },
    201,
  );
}
