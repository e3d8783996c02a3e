/**
 * HTTP probes against real servers: expectations, limits, and what is no answer at all.
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { afterEach, describe, expect, it } from "vitest";
import { HTTP_BODY_BYTES_MAX, askHttp, type HttpQuestion } from "../../shared/probe/http.ts";
import { certificate, key } from "./certificate.ts";
import { speaker, speakerOf, startSshLike, type Speaker } from "./speakers.ts";

const open: { close(): Promise<void> }[] = [];
const keep = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
  const opened = await opening;
  open.push(opened);
  return opened;
};
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const serve = (answer: RequestListener): Promise<Speaker> => keep(speakerOf(createServer(answer)));
const ask = (
  port: number,
  question: Partial<HttpQuestion> = {},
  limitMs = 5_000,
): ReturnType<typeof askHttp> =>
  askHttp(
    "127.0.0.1",
    port,
    { url: "http://shop.example/health?deep=1", expectedStatus: null, expectedText: null, ...question },
    { limitMs },
  );

describe("what is expected of an answer", () => {
  const page = (status: number, body = ""): RequestListener => {
    return (_: IncomingMessage, response: ServerResponse) => void response.writeHead(status).end(body);
  };

  it.each([
    [200, null, true],
    [204, null, true],
    [301, null, true],
    [399, null, true],
    [400, null, false],
    [503, null, false],
    [404, 404, true],
    [200, 404, false],
  ])("status %i where %s is expected: %s", async (status, expectedStatus, asExpected) => {
    const { port } = await serve(page(status));
    expect(await ask(port, { expectedStatus })).toEqual({
      verdict: "alive",
      detail: asExpected ? "expected" : `status_${status}`,
      roundTripMs: expect.any(Number) as number,
      banner: `HTTP ${status}`,
      asExpected,
    });
  });

  it.each([
    ["Selamat datang", "<h1>Selamat datang</h1>", "expected"],
    ["Grüße 🎉", "<p>Grüße 🎉</p>", "expected"],
    ["<script>", "no such thing", "text_missing"],
    ["x", "", "text_missing"],
    ["", "", "expected"],
  ])("the text %j in %j: %s", async (expectedText, body, detail) => {
    const { port } = await serve(page(200, body));
    expect(await ask(port, { expectedText })).toMatchObject({
      verdict: "alive",
      detail,
      asExpected: detail === "expected",
    });
  });

  it("a text is found over the border of two pieces", async () => {
    const { port } = await serve((_, response) => {
      response.write("... ready f", () => setImmediate(() => response.end("or work")));
    });
    expect(await ask(port, { expectedText: "ready for" })).toMatchObject({ detail: "expected" });
  });

  it("a wrong status counts, whatever the text", async () => {
    const { port } = await serve(page(500, "all fine"));
    expect(await ask(port, { expectedText: "fine" })).toMatchObject({ detail: "status_500" });
  });
});

describe("what is asked", () => {
  it("one GET of the path, by the host's own name, without credentials, on a connection of its own", async () => {
    const asked: IncomingMessage[] = [];
    const server = await serve((request, response) => {
      asked.push(request);
      response.end();
    });
    await ask(server.port, { url: "http://shop.example:8080/health?deep=1#part" });
    expect(asked.map(({ method, url, headers }) => [method, url, headers])).toEqual([
      [
        "GET",
        "/health?deep=1",
        {
          host: "shop.example:8080",
          accept: "*/*",
          "accept-encoding": "identity",
          "user-agent": "detak",
          connection: "close",
        },
      ],
    ]);
  });

  it("a redirect is an answer, and nobody goes there", async () => {
    const there = await serve((_, response) => void response.end());
    const here = await serve((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${there.port}/` }).end();
    });
    expect(await ask(here.port)).toMatchObject({ detail: "expected", banner: "HTTP 302" });
    expect(there.connections()).toBe(0);
  });

  it("HTTPS with a certificate of anybody's answers as well as any", async () => {
    const names: string[] = [];
    const server = createHttpsServer(
      {
        cert: certificate,
        key,
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      },
      (_, response) => void response.end("well"),
    );
    const { port } = await keep(speakerOf(server));
    const answer = await ask(port, { url: "https://shop.example/", expectedText: "well" });
    expect(answer).toMatchObject({ verdict: "alive", detail: "expected", banner: "HTTP 200" });
    expect(await ask(port, { url: `https://127.0.0.1:${port}/` })).toMatchObject({ detail: "expected" });
    expect(names).toEqual(["shop.example"]);
  });

  it.each(["", "shop.example", "ftp://shop.example/", "file:///etc/passwd", "javascript:1"])(
    "%j is no question, and nothing is connected to",
    async (url) => {
      const server = await keep(speaker(() => undefined));
      expect(await ask(server.port, { url })).toEqual({
        verdict: "none",
        detail: "bad_address",
        roundTripMs: null,
      });
      expect(server.connections()).toBe(0);
    },
  );
});

describe("limits", () => {
  it("a body is read only so far: what comes after is missing", async () => {
    const text = "found";
    const { port } = await serve((request, response) => {
      const before = request.url === "/in" ? HTTP_BODY_BYTES_MAX - text.length : HTTP_BODY_BYTES_MAX;
      response.end(Buffer.concat([Buffer.alloc(before, "x"), Buffer.from(text)]));
    });
    expect(await ask(port, { url: "http://x/in", expectedText: text })).toMatchObject({ detail: "expected" });
    expect(await ask(port, { url: "http://x/out", expectedText: text })).toMatchObject({
      detail: "text_missing",
    });
  });

  it("a body without end is let go", async () => {
    let poured = 0;
    const { port } = await serve((_, response) => {
      const pour = (): void => {
        do poured += 65_536;
        while (!response.destroyed && response.write(Buffer.alloc(65_536, "x")));
      };
      response.on("drain", pour);
      pour();
    });
    expect(await ask(port, { expectedText: "y" })).toMatchObject({
      detail: "text_missing",
      asExpected: false,
    });
    expect(poured).toBeLessThan(64 * 1_048_576);
  });

  it("headers without end are no answer", async () => {
    const { port } = await keep(
      speaker((socket) => {
        socket.write("HTTP/1.1 200 OK\r\n");
        for (let line = 0; line < 1_000; line += 1) socket.write(`X-${line}: ${"x".repeat(100)}\r\n`);
      }),
    );
    expect(await ask(port)).toMatchObject({ verdict: "alive", detail: "no_answer", asExpected: false });
  });

  it("a server that thinks too long is alive and gives no answer", async () => {
    const { port } = await serve(() => undefined);
    const answer = await ask(port, {}, 500);
    expect(answer).toMatchObject({ verdict: "alive", detail: "no_answer", asExpected: false });
    expect(answer.banner).toBeUndefined();
  });

  it("a body that does not come in time is no answer, though its status was heard", async () => {
    const { port } = await serve((_, response) => void response.write("half"));
    expect(await ask(port, { expectedText: "whole" }, 500)).toMatchObject({
      verdict: "alive",
      detail: "no_answer",
      banner: "HTTP 200",
    });
  });

  it("a body that breaks off is no answer", async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    });
    expect(await ask(port, { expectedText: "whole" })).toMatchObject({ detail: "no_answer" });
  });
});

describe("no HTTP", () => {
  it("another protocol is no answer, but a program", async () => {
    const { port } = await keep(startSshLike());
    expect(await ask(port)).toMatchObject({
      verdict: "alive",
      detail: "no_answer",
      banner: expect.stringMatching(/^SSH-2/) as string,
    });
    expect(await ask(port, { url: "https://x/" })).toMatchObject({
      verdict: "alive",
      detail: "no_answer",
      banner: "binary",
    });
  });

  it("a connection that is closed without a word is no answer, and no banner", async () => {
    const { port } = await keep(speaker((socket) => socket.once("data", () => socket.end())));
    const answer = await ask(port);
    expect(answer).toMatchObject({ verdict: "alive", detail: "no_answer", asExpected: false });
    expect(answer.banner).toBeUndefined();
  });

  it("a process that stands still is alive and silent", async () => {
    const frozen = await keep(startSshLike());
    frozen.freeze();
    const answer = await ask(frozen.port, {}, 700);
    expect(answer).toMatchObject({ verdict: "alive", detail: "no_answer" });
    expect(answer.banner).toBeUndefined();
  });

  it("refused is alive, and not what was expected", async () => {
    const gone = await speaker(() => undefined);
    await gone.close();
    expect(await ask(gone.port)).toMatchObject({ verdict: "alive", detail: "refused", asExpected: false });
  });

  it("cancelled, before and under way, it says nothing of the host", async () => {
    const question = { url: "http://x/", expectedStatus: null, expectedText: null };
    const nothing = { verdict: "none", detail: "cancelled", roundTripMs: null };
    const server = await serve(() => undefined);
    const signal = AbortSignal.abort();
    expect(await askHttp("127.0.0.1", server.port, question, { limitMs: 5_000, signal })).toEqual(nothing);
    const cancel = new AbortController();
    const asked = askHttp("127.0.0.1", server.port, question, { limitMs: 5_000, signal: cancel.signal });
    await expect.poll(() => server.connections(), { timeout: 5_000 }).toBe(1);
    cancel.abort();
    expect(await asked).toEqual(nothing);
  });
});
