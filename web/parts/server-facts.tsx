/**
 * What is known of a server: place, address, how it is watched, its machine and agent.
 * Must not: draw a fact that is not known.
 */
import type { Html, Scene } from "../scene.ts";
import type { ServerView } from "../source-servers.ts";
import { compareNames } from "../look.ts";
import { coordinates } from "./coordinates.tsx";
import { Facts, type Fact } from "./facts.tsx";
import { Fragment } from "./fragment.tsx";
import { checkSentence } from "./sentences.ts";
import { At, Duration } from "./time.tsx";

/** A hypervisor with its guests; a hub with more branches is better read from the list of servers. */
const CHILDREN_SHOWN_MAX = 30;

/** The zone a server is told in: its site's. */
export function serverZone(scene: Scene, server: ServerView): string {
  return (server.siteId === null ? null : scene.look.site(server.siteId)?.timeZone) ?? scene.timeZone;
}

/** Other servers of this one, each a link. */
function Links({ servers }: { readonly servers: readonly ServerView[] }): Html {
  return (
    <>
      {servers.map((server, index) => (
        <>
          {index > 0 ? ", " : ""}
          <a href={`/servers/${encodeURIComponent(server.id)}`}>{server.name}</a>
        </>
      ))}
    </>
  );
}

export function ServerFacts({ scene, server }: { readonly scene: Scene; readonly server: ServerView }): Html {
  const { texts } = scene;
  const zone = serverZone(scene, server);
  const inventory = server.agent?.inventory ?? null;
  const parent = server.parentId === null ? null : scene.look.server(server.parentId);
  const children = scene.look.servers
    .filter(({ parentId }) => parentId === server.id)
    .sort((a, b) => compareNames(a.name, b.name));
  const rows: readonly Fact[] = [
    [
      texts.server.site,
      server.siteId !== null && server.siteName !== null ? (
        <a href={`/sites/${encodeURIComponent(server.siteId)}`}>{server.siteName}</a>
      ) : (
        texts.common.noSite
      ),
    ],
    [texts.server.address, server.address ?? texts.common.unknown],
    [texts.server.ports, server.probePorts.length > 0 ? server.probePorts.join(", ") : null],
    [texts.server.serviceCheck, server.check === null ? null : checkSentence(scene, server.check)],
    [texts.server.parent, parent === null ? null : <Links servers={[parent]} />],
    [
      texts.server.children,
      children.length === 0 ? null : (
        <>
          <Links servers={children.slice(0, CHILDREN_SHOWN_MAX)} />
          {children.length > CHILDREN_SHOWN_MAX ? (
            <>
              {", "}
              {texts.incident.andMore(children.length - CHILDREN_SHOWN_MAX)}
            </>
          ) : null}
        </>
      ),
    ],
    [texts.server.mode, server.mode === "agent" ? texts.server.modeAgent : texts.server.modePing],
    [texts.server.downAfter, <Duration scene={scene} ms={server.downAfterSeconds * 1_000} />],
    [texts.server.tags, server.tags.length > 0 ? server.tags.join(", ") : null],
    [texts.server.coordinates, coordinates(scene, server)],
    [texts.server.host, inventory?.hostName ?? null],
    [texts.server.system, inventory?.osName ?? null],
    [texts.server.kernel, inventory ? `${inventory.kernel} · ${inventory.arch}` : null],
    [
      texts.server.processor,
      inventory ? `${inventory.cpuModel} · ${texts.server.cores(inventory.cpuCount)}` : null,
    ],
    [
      texts.server.model,
      [inventory?.manufacturer, inventory?.model, inventory?.virtual ? texts.server.virtual : null]
        .filter(Boolean)
        .join(" · ") || null,
    ],
    [texts.server.agentVersion, server.agent?.version ?? null],
    [
      texts.server.enrolled,
      server.agent ? <At scene={scene} atMs={server.agent.enrolledAtMs} timeZone={zone} /> : null,
    ],
  ];
  return (
    <Fragment name="server-facts">
      <section class="panel" aria-labelledby="server-facts-title">
        <h2 id="server-facts-title">{texts.server.inventory}</h2>
        <Facts rows={rows} />
      </section>
    </Fragment>
  );
}
