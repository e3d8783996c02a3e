/**
 * Where something stands, as a link to a map.
 * Must not: ask the map for anything itself; it is a link that a person opens.
 */
import { number } from "../i18n/format.ts";
import type { Html, Scene } from "../scene.ts";

/** Opens the reader's map program on a phone and a map page elsewhere; only numbers go in. */
export function mapUrl(latitude: number, longitude: number): string {
  return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
}

/** null where it is not known. */
export function coordinates(
  { language }: Scene,
  { latitude, longitude }: { readonly latitude: number | null; readonly longitude: number | null },
): Html | null {
  if (latitude === null || longitude === null) return null;
  return (
    <a href={mapUrl(latitude, longitude)} rel="noreferrer" target="_blank">
      {number(language, latitude, 5)}; {number(language, longitude, 5)}
    </a>
  );
}
