/**
 * What a method answers: a result, or a refusal with the real server's status and words.
 */

export interface RefusalParameters {
  readonly retry_after?: number;
  readonly migrate_to_chat_id?: number;
}

export type MethodAnswer =
  | { readonly status: 200; readonly result: unknown }
  | { readonly status: number; readonly description: string; readonly parameters?: RefusalParameters };

export function refusal(status: number, description: string, parameters?: RefusalParameters): MethodAnswer {
  return { status, description, ...(parameters ? { parameters } : {}) };
}

/** The envelope as JSON text. */
export function envelope(answer: MethodAnswer): string {
  return JSON.stringify(
    "result" in answer
      ? { ok: true, result: answer.result }
      : {
          ok: false,
          error_code: answer.status,
          description: answer.description,
          ...(answer.parameters ? { parameters: answer.parameters } : {}),
        },
  );
}
