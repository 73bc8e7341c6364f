// @ts-check
// Renders the OpenAPI and AsyncAPI documents for people. Text is only ever set as text.

/**
 * A part of a document: what it holds is looked at, and nothing is taken for granted.
 * @typedef {Record<string, any>} Json
 * @typedef {(value: Json | undefined) => Json} Resolve  follows references
 */

const METHODS = ["get", "post", "put", "patch", "delete"];

/**
 * An element with properties and children; strings become text.
 * @param {string} tag
 * @param {object} properties
 * @param {...(Node | string | null | undefined | false)} children
 */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** @param {string} id */
function place(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`docs.html has no #${id}`);
  return found;
}

/**
 * Text in which one or two backticks mark code.
 * @param {unknown} text
 */
function prose(text) {
  const parts = String(text ?? "").split(/``?([^`]+)``?/);
  return parts.map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

/** Follows `#/…` references inside one document. @param {Json} document_ @returns {Resolve} */
function resolver(document_) {
  return function resolve(value) {
    if (!value || !value.$ref) return value ?? {};
    let found = document_;
    for (const part of String(value.$ref).slice(2).split("/")) {
      found = found?.[part.replaceAll("~1", "/").replaceAll("~0", "~")];
    }
    return resolve(found);
  };
}

/** @param {Json} schema @returns {Json[] | null} */
function alternatives(schema) {
  return schema.anyOf ?? schema.oneOf ?? null;
}

/**
 * What a value may be, in a few words.
 * @param {Json | undefined} raw
 * @param {Resolve} resolve
 * @returns {string}
 */
function typeOf(raw, resolve) {
  const schema = resolve(raw);
  const options = alternatives(schema);
  if (options) return options.map((option) => typeOf(option, resolve)).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) {
    const { length } = schema.enum;
    return length > 12 ? `one of ${length} values` : schema.enum.map(String).join(" | ");
  }
  if (schema.type === "array") return `list of ${typeOf(schema.items, resolve)}`;
  if (schema.properties) return "object";
  return schema.format ? `${schema.type} (${schema.format})` : String(schema.type ?? "anything");
}

/** @param {Json} schema */
function limitsOf(schema) {
  const limits = [];
  if (schema.minLength !== undefined || schema.maxLength !== undefined) {
    limits.push(`${schema.minLength ?? 0}–${schema.maxLength ?? "…"} characters`);
  }
  if (schema.minimum !== undefined || schema.maximum !== undefined) {
    limits.push(`${schema.minimum ?? "…"} to ${schema.maximum ?? "…"}`);
  }
  if (schema.maxItems !== undefined) limits.push(`at most ${schema.maxItems}`);
  if (schema.default !== undefined) limits.push(`default ${JSON.stringify(schema.default)}`);
  return limits.join(", ");
}

/**
 * The schema with fields that `raw` is or contains, if there is one.
 * @param {Json} raw
 * @param {Resolve} resolve
 * @returns {Json | null}
 */
function objectIn(raw, resolve) {
  const schema = resolve(raw);
  if (schema.properties) return schema;
  for (const option of alternatives(schema) ?? []) {
    const found = objectIn(option, resolve);
    if (found) return found;
  }
  return schema.items ? objectIn(schema.items, resolve) : null;
}

/** @param {Json} raw @param {Resolve} resolve @returns {HTMLElement[]} */
function rowsOf(raw, resolve, prefix = "", depth = 0) {
  const schema = objectIn(raw, resolve);
  if (!schema || depth > 3) return [];
  return Object.entries(schema.properties).flatMap(([name, value]) => {
    const field = resolve(value);
    const required = (schema.required ?? []).includes(name);
    const about = [value.description ?? field.description, limitsOf(field)].filter(Boolean).join(" · ");
    const optional = required ? null : make("span", { className: "tag" }, " optional");
    const row = make(
      "tr", {},
      make("td", {}, make("code", {}, prefix + name), optional),
      make("td", {}, typeOf(value, resolve)),
      make("td", { className: "quiet" }, ...prose(about)),
    );
    return [row, ...rowsOf(value, resolve, `${prefix}${name}.`, depth + 1)];
  });
}

/** @param {string} title @param {Json | null | undefined} raw @param {Resolve} resolve */
function fieldTable(title, raw, resolve) {
  if (!raw) return null;
  const rows = rowsOf(raw, resolve);
  const body = rows.length
    ? make("div", { className: "scroll" }, make("table", {}, make("tbody", {}, ...rows)))
    : make("p", { className: "quiet" }, typeOf(raw, resolve));
  return make("section", {}, make("h3", {}, title), body);
}

/**
 * @param {string} label
 * @param {string} path
 * @param {string} summary
 * @param {string | undefined} tag
 * @param {(Node | string | null | undefined)[]} parts
 */
function item(label, path, summary, tag, parts) {
  const details = make(
    "details", { className: "item" },
    make(
      "summary", {},
      make("span", { className: "method" }, label),
      make("span", { className: "path" }, path),
      make("span", { className: "summary" }, ...prose(summary)),
      make("span", { className: "tag" }, tag ?? ""),
    ),
    make("div", {}, ...parts.filter(Boolean)),
  );
  details.dataset.text = `${label} ${path} ${summary} ${tag}`.toLowerCase();
  return details;
}

/** @param {Json | undefined} holder @returns {Json | null} */
function jsonSchemaOf(holder) {
  const content = holder?.content ?? {};
  const first = Object.keys(content)[0];
  return first ? content[first].schema : null;
}

/** @param {string} path @param {string} method @param {Json} operation @param {Resolve} resolve */
function operationItem(path, method, operation, resolve) {
  /** @type {Json[]} */
  const parameters = operation.parameters ?? [];
  const parameterSchema = {
    properties: Object.fromEntries(parameters.map(({ name, schema, description }) => (
      [name, { ...schema, description: description ?? schema.description }]
    ))),
    required: parameters.filter((one) => one.required).map((one) => one.name),
  };
  const answers = Object.entries(operation.responses).map(([status, response]) =>
    make("tr", {}, make("td", {}, make("code", {}, status)), make("td", {}, response.description)));
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith("2"));
  return item(method.toUpperCase(), path, operation.summary, operation["x-permission"], [
    operation.description && make("p", {}, ...prose(operation.description)),
    parameters.length ? fieldTable("Parameters", parameterSchema, resolve) : null,
    fieldTable("Body", jsonSchemaOf(operation.requestBody), resolve),
    success && fieldTable("Reply", jsonSchemaOf(success[1]), resolve),
    make("h3", {}, "Answers"),
    make("div", { className: "scroll" }, make("table", {}, make("tbody", {}, ...answers))),
  ]);
}

/** @param {Json} openapi */
function showHttp(openapi) {
  const resolve = resolver(openapi);
  /** @type {Map<string, HTMLElement[]>} */
  const groups = new Map();
  for (const [path, operations] of Object.entries(openapi.paths)) {
    for (const method of METHODS.filter((one) => operations[one])) {
      const operation = operations[method];
      const group = operation.tags?.[0] ?? "";
      groups.set(group, [...(groups.get(group) ?? []), operationItem(path, method, operation, resolve)]);
    }
  }
  place("http-list").replaceChildren(
    ...[...groups].flatMap(([name, items]) => [make("h3", {}, name), ...items]),
  );
  /** @type {{code: string, status: number}[]} */
  const codes = openapi["x-error-codes"] ?? [];
  const rows = codes.map(({ code, status }) =>
    make("tr", { id: code }, make("td", {}, make("code", {}, code)), make("td", {}, String(status))));
  place("codes-list").replaceChildren(make("table", {}, make("tbody", {}, ...rows)));
}

/**
 * What an acknowledged event answers when all is well.
 * @param {Json} message
 * @param {Resolve} resolve
 */
function answerOf(message, resolve) {
  const answers = (alternatives(resolve(message["x-ack"])) ?? []).map(resolve);
  const success = answers.find((one) => one.properties?.data);
  return success?.properties.data;
}

/** @param {Json} operation @param {Resolve} resolve @returns {HTMLElement[]} */
function eventItem(operation, resolve) {
  const channel = resolve(operation.channel);
  /** @type {Json[]} */
  const messages = (operation.messages ?? Object.values(channel.messages ?? {})).map(resolve);
  // In AsyncAPI 3 the document speaks for the server: it receives what a client sends.
  const label = operation.action === "receive" ? "client →" : "→ client";
  return messages.map((message) => {
    const description = message.description ?? operation.description;
    return item(label, message.name ?? "", message.summary ?? operation.summary, channel.address ?? "", [
      description && make("p", {}, ...prose(description)),
      fieldTable("Payload", message.payload, resolve),
      fieldTable("Acknowledgement", answerOf(message, resolve), resolve),
    ]);
  });
}

/** @param {Json} asyncapi */
function showEvents(asyncapi) {
  const resolve = resolver(asyncapi);
  const operations = Object.values(asyncapi.operations ?? {});
  const items = operations.flatMap((operation) => eventItem(operation, resolve));
  place("events-list").replaceChildren(...items);
  const auth = fieldTable("auth", asyncapi["x-connect"]?.auth, resolve);
  if (auth) place("connect-auth").replaceChildren(auth);
  const closings = Object.entries(asyncapi["x-closings"] ?? {}).map(([code, { mayReconnect, meaning }]) =>
    make(
      "tr", {},
      make("td", {}, make("code", {}, code)),
      make("td", {}, mayReconnect ? "reconnect" : "do not reconnect"),
      make("td", { className: "quiet" }, ...prose(meaning)),
    ));
  place("closings").replaceChildren(make("table", {}, make("tbody", {}, ...closings)));
}

/** @param {string} address @param {(document: Json) => void} show @param {string} target */
async function load(address, show, target) {
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(String(response.status));
    show(await response.json());
  } catch (error) {
    place(target).replaceChildren(
      make("p", { className: "quiet" }, `Could not be loaded (${/** @type {Error} */ (error).message}).`),
    );
  }
}

const filter = /** @type {HTMLInputElement} */ (place("filter"));
filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("details.item"))) {
    element.hidden = !words.every((word) => element.dataset.text?.includes(word));
  }
});

await Promise.all([
  load("/openapi.json", showHttp, "http-list"),
  load("/asyncapi.json", showEvents, "events-list"),
]);
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
