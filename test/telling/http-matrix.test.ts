/**
 * The same over webhooks and ntfy: every fault of such a server × every step × every kill; judged by what they accepted.
 * Why without the edit: neither can change what it has told. Must not: ask the collector what it told.
 */
import { httpStepNames, runHttp, type HttpPlan } from "./http-run.ts";
import { describeMatrix, killNames } from "./matrix.ts";

describeMatrix<HttpPlan>({
  name: "every fault of webhooks and ntfy × every step × every kill",
  plans: httpStepNames
    .flatMap((step) => killNames.map((kill) => ({ step, kill })))
    .sort((a, b) => Number(b.step === "repeat") - Number(a.step === "repeat")),
  nameOf: ({ step, kill }) => `${step}, killed ${kill}`,
  run: runHttp,
});
