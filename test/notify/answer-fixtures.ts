/**
 * A server and a site as answers to commands show them, each fact of a kind that people look for.
 * Must not: know who asks, or how it is put into words.
 */
import type { ServerFacts, SiteFacts } from "../../collector/notify/rendering/answer-facts.ts";
import { DETECTED_MS, STARTED_MS } from "./fixtures.ts";

export function serverFacts(name: string, changes: Partial<ServerFacts> = {}): ServerFacts {
  return {
    name,
    siteName: "Cabang Makassar",
    status: "up",
    sinceMs: STARTED_MS,
    lastHeardMs: DETECTED_MS,
    address: "10.20.4.2",
    cpu: 0.07,
    memory: 0.5,
    fullestDisk: { mount: "/var", share: 0.81 },
    incident: null,
    lastDay: { outages: 0, minutes: 0 },
    place: { latitude: null, longitude: null, siteAddress: null },
    panelUrl: null,
    ...changes,
  };
}

export function siteFacts(name: string, changes: Partial<SiteFacts> = {}): SiteFacts {
  return {
    name,
    code: "MKS",
    servers: [],
    open: [],
    gateway: null,
    provider: "",
    circuitId: "",
    contact: "",
    place: { latitude: null, longitude: null, siteAddress: null },
    panelUrl: null,
    ...changes,
  };
}
