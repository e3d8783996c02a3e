/**
 * A panel under test behind a real HTTP server on loopback, for a real browser.
 * Must not: listen anywhere else.
 */
import { serve, type ServerType } from "@hono/node-server";
import type { AddressInfo } from "node:net";
import type { PanelOptions } from "../../web/context.ts";
import { createPanelUnderTest, type PanelUnderTest } from "./panel-under-test.ts";

export interface ServedPanel extends PanelUnderTest {
  readonly url: string;
  /** Cuts every open connection, as a lost network does; the server listens on. */
  cut(): void;
  stop(): Promise<void>;
}

export async function servePanel(options: Partial<PanelOptions> = {}): Promise<ServedPanel> {
  const panel = await createPanelUnderTest(options);
  const server = await new Promise<ServerType>((resolve) => {
    const made: ServerType = serve({ fetch: panel.app.fetch, port: 0, hostname: "127.0.0.1" }, () =>
      resolve(made),
    );
  });
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    if ("closeAllConnections" in server) server.closeAllConnections();
  };
  return {
    ...panel,
    url: `http://127.0.0.1:${port}`,
    cut,
    stop: async () => {
      panel.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
