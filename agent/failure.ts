/**
 * A failure that is told to a person in one line and ends the program with exit code 1.
 * Why a class: cli.ts tells these apart from bugs, and says them in the person's language.
 * Must not: be used for bugs of our own (they assert) or for what the agent survives.
 */
import type { Sentence } from "./words.ts";

/** `sentence` is what the person reads; `message` is its English. */
export class AgentFailure extends Error {
  override readonly name = "AgentFailure";
  readonly sentence: Sentence;

  constructor(sentence: Sentence, cause?: unknown) {
    super(sentence.en, cause === undefined ? undefined : { cause });
    this.sentence = sentence;
  }
}

/** The errno of a failed system call, for a sentence; `unknown error` for anything else. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unknown error";
}
