/**
 * Rule ids: where they are defined, and which tests name them.
 */
import type { SourceFile } from "./house.ts";

/**
 * `**[ST1]** …`, `- **[P12a]** …`, `| 503 | **[P4]** …`: at the beginning of a line or of a table's cell; elsewhere it is
 * a mention.
 */
const DEFINITION = /(?:^|\|)[\s*>-]*\*\*\[([A-Z]{1,4}\d+[a-z]?)\]\*\*/gm;
const CITATION = /^\[([A-Z]{1,4}\d+[a-z]?)\]\s*/;

export function definedRuleIds(text: string): string[] {
  return [...text.matchAll(DEFINITION)].map((match) => match[1] ?? "");
}

/** Ids that a test's name begins with; several may stand in a row: `[P1][P2] …`. */
export function namedRuleIds(file: SourceFile): string[] {
  return file.strings.flatMap((text) => {
    const ids: string[] = [];
    let rest = text;
    for (let match = CITATION.exec(rest); match !== null; match = CITATION.exec(rest)) {
      ids.push(match[1] ?? "");
      rest = rest.slice(match[0].length);
    }
    return ids;
  });
}
