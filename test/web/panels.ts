/**
 * Panels for the tests of one file: each is closed after its test, and none may have failed in silence.
 * Why apart from panel-under-test.ts: a browser's panel lives longer than one test.
 * Must not: fill a panel with anything; the test says what there is.
 */
import { afterEach, expect } from "vitest";
import { createPanelUnderTest, type PanelUnderTest } from "./panel-under-test.ts";

/** Called once at the top of a test file; what it gives makes one panel at each call. */
export function panelsPerTest(): typeof createPanelUnderTest {
  const opened: PanelUnderTest[] = [];
  afterEach(() => {
    for (const panel of opened.splice(0)) {
      panel.close();
      expect(panel.errors).toEqual([]);
    }
  });
  return async (options) => {
    const panel = await createPanelUnderTest(options);
    opened.push(panel);
    return panel;
  };
}

/** Texts between tags, as a person reads them. */
export function readable(html: string): string {
  return html.replace(/<[^>]*>/g, "\n").replaceAll("&#39;", "'");
}
