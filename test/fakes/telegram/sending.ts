/**
 * Methods that put something new into a chat: text, a picture, a place, "is typing".
 * Must not: invent leniency; what the real server refuses is refused here with the same words.
 */
import { createHash } from "node:crypto";
import { refusal, type MethodAnswer } from "./answer.ts";
import type { Parameters } from "./body.ts";
import {
  accept,
  badRequest,
  captionText,
  chatFor,
  isRefusal,
  keyboardOf,
  messageText,
  overQuota,
  placeOf,
  textParameter,
  YES,
  type Method,
} from "./call.ts";
import { readPicture, type Picture } from "./picture.ts";
import type { StoredPhoto, World } from "./world.ts";

export const sendMessage: Method = (parameters, context) => {
  const place = placeOf(parameters, context);
  if (isRefusal(place)) return place;
  const content = messageText(parameters);
  if (isRefusal(content)) return content;
  const buttons = keyboardOf(parameters);
  if (isRefusal(buttons)) return buttons;
  const { chat, threadId, replyTo } = place;
  const sent = { ...content, threadId, replyTo, buttons, venue: null };
  return accept(parameters, context, chat, "sendMessage", sent);
};

/** The uploaded bytes, or the picture a file id stands for. */
function pictureOf(parameters: Parameters, world: World): Picture | MethodAnswer {
  const given = textParameter(parameters, "photo").trim();
  const attached = /^attach:\/\/(.+)$/.exec(given)?.[1];
  const file = parameters.files.get(attached ?? "photo");
  if (given === "" || attached !== undefined) {
    if (!file) return badRequest("there is no photo in the request");
    const picture = readPicture(file.bytes);
    return typeof picture === "string" ? refusal(400, picture) : picture;
  }
  if (/^https?:\/\//i.test(given)) return badRequest("failed to get HTTP URL content");
  return (
    world.pictures.get(given.replace(/-s$/, "")) ?? badRequest("wrong file identifier/HTTP URL specified")
  );
}

/** The same bytes have the same ids. */
function storePicture(picture: Picture, world: World): StoredPhoto {
  const digest = createHash("sha256").update(picture.bytes).digest("base64url");
  const fileId = `AgACAgUAAx0C${digest}AAIBAQAD`;
  world.pictures.set(fileId, picture);
  return {
    fileId,
    fileUniqueId: `AQAD${digest.slice(0, 12)}`,
    width: picture.width,
    height: picture.height,
    fileSize: picture.bytes.length,
  };
}

export const sendPhoto: Method = (parameters, context) => {
  const place = placeOf(parameters, context, "photos");
  if (isRefusal(place)) return place;
  const picture = pictureOf(parameters, context.world);
  if ("status" in picture) return picture;
  const caption = captionText(parameters);
  if (isRefusal(caption)) return caption;
  const buttons = keyboardOf(parameters);
  if (isRefusal(buttons)) return buttons;
  const { chat, threadId, replyTo } = place;
  const over = overQuota(context, chat);
  if (over) return over;
  const photo = storePicture(picture, context.world);
  const sent = { ...caption, threadId, replyTo, buttons, venue: null, photo };
  return accept(parameters, context, chat, "sendPhoto", sent);
};

export const sendVenue: Method = (parameters, context) => {
  const place = placeOf(parameters, context);
  if (isRefusal(place)) return place;
  const latitude = Number(parameters.values.get("latitude") ?? NaN);
  const longitude = Number(parameters.values.get("longitude") ?? NaN);
  const title = textParameter(parameters, "title");
  const address = textParameter(parameters, "address");
  if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) {
    return badRequest("wrong latitude or longitude specified");
  }
  if (title === "" || address === "") return badRequest("VENUE_TITLE_EMPTY");
  const buttons = keyboardOf(parameters);
  if (isRefusal(buttons)) return buttons;
  const { chat, threadId, replyTo } = place;
  const venue = { latitude, longitude, title, address };
  const sent = { text: "", entities: [], threadId, replyTo, buttons, venue };
  return accept(parameters, context, chat, "sendVenue", sent);
};

const CHAT_ACTIONS: readonly string[] = [
  ...["cancel", "typing", "choose_sticker", "find_location", "pick_up_location"],
  ...["record_video", "record_audio", "record_voice", "record_video_note"],
  ...["upload_video", "upload_audio", "upload_voice", "upload_photo", "upload_document", "upload_video_note"],
];

export const sendChatAction: Method = (parameters, context) => {
  // As in the real server, the action is looked at before the chat.
  if (!CHAT_ACTIONS.includes(textParameter(parameters, "action").toLowerCase())) {
    return badRequest("wrong parameter action in request");
  }
  const chat = chatFor(parameters, context.world, "write");
  return isRefusal(chat) ? chat : YES;
};
