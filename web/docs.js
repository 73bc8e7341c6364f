// Renders the OpenAPI and AsyncAPI documents for people. Text is only ever set as text.

const METHODS = ["get", "post", "put", "patch", "delete"];

/** An element with properties and children; strings become text. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Text in which one or two backticks mark code. */
function prose(text) {
  return String(text ?? "").split(/``?([^`]+)``?/).map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

/** Follows `#/…` references inside one document. */
function resolver(document_) {
  return function resolve(value) {
    if (!value || !value.$ref) return value ?? {};
    const found = value.$ref.slice(2).split("/").reduce(
      (node, part) => node?.[part.replaceAll("~1", "/").replaceAll("~0", "~")],
      document_,
    );
    return resolve(found);
  };
}

function alternatives(schema) {
  return schema.anyOf ?? schema.oneOf ?? null;
}

/** What a value may be, in a few words. */
function typeOf(raw, resolve) {
  const schema = resolve(raw);
  const options = alternatives(schema);
  if (options) return options.map((option) => typeOf(option, resolve)).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) {
    return schema.enum.length > 12 ? `one of ${schema.enum.length} values` : schema.enum.map(String).join(" | ");
  }
  if (schema.type === "array") return `list of ${typeOf(schema.items, resolve)}`;
  if (schema.properties) return "object";
  return schema.format ? `${schema.type} (${schema.format})` : String(schema.type ?? "anything");
}

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

/** The schema with fields that `raw` is or contains, if there is one. */
function objectIn(raw, resolve) {
  const schema = resolve(raw);
  if (schema.properties) return schema;
  for (const option of alternatives(schema) ?? []) {
    const found = objectIn(option, resolve);
    if (found) return found;
  }
  return schema.items ? objectIn(schema.items, resolve) : null;
}

function rowsOf(raw, resolve, prefix = "", depth = 0) {
  const schema = objectIn(raw, resolve);
  if (!schema || depth > 3) return [];
  return Object.entries(schema.properties).flatMap(([name, value]) => {
    const field = resolve(value);
    const required = (schema.required ?? []).includes(name);
    const about = [value.description ?? field.description, limitsOf(field)].filter(Boolean).join(" · ");
    const row = make(
      "tr", {},
      make("td", {}, make("code", {}, prefix + name), required ? "" : make("span", { className: "tag" }, " optional")),
      make("td", {}, typeOf(value, resolve)),
      make("td", { className: "quiet" }, ...prose(about)),
    );
    return [row, ...rowsOf(value, resolve, `${prefix}${name}.`, depth + 1)];
  });
}

function fieldTable(title, raw, resolve) {
  if (!raw) return null;
  const rows = rowsOf(raw, resolve);
  const body = rows.length
    ? make("div", { className: "scroll" }, make("table", {}, make("tbody", {}, ...rows)))
    : make("p", { className: "quiet" }, typeOf(raw, resolve));
  return make("section", {}, make("h3", {}, title), body);
}

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

function jsonSchemaOf(holder) {
  const content = holder?.content ?? {};
  const first = Object.keys(content)[0];
  return first ? content[first].schema : null;
}

function operationItem(path, method, operation, resolve) {
  const parameters = operation.parameters ?? [];
  const parameterSchema = {
    properties: Object.fromEntries(
      parameters.map((one) => [one.name, { ...one.schema, description: one.description ?? one.schema.description }]),
    ),
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

function showHttp(openapi) {
  const resolve = resolver(openapi);
  const groups = new Map();
  for (const [path, operations] of Object.entries(openapi.paths)) {
    for (const method of METHODS.filter((one) => operations[one])) {
      const operation = operations[method];
      const group = operation.tags?.[0] ?? "";
      groups.set(group, [...(groups.get(group) ?? []), operationItem(path, method, operation, resolve)]);
    }
  }
  document.getElementById("http-list").replaceChildren(
    ...[...groups].flatMap(([name, items]) => [make("h3", {}, name), ...items]),
  );
  const rows = (openapi["x-error-codes"] ?? []).map(({ code, status }) =>
    make("tr", { id: code }, make("td", {}, make("code", {}, code)), make("td", {}, String(status))));
  document.getElementById("codes-list").replaceChildren(make("table", {}, make("tbody", {}, ...rows)));
}

/** What an acknowledged event answers when all is well. */
function answerOf(message, resolve) {
  const success = (alternatives(resolve(message["x-ack"])) ?? []).map(resolve).find((one) => one.properties?.data);
  return success?.properties.data;
}

function eventItem(operation, resolve) {
  const channel = resolve(operation.channel);
  const messages = (operation.messages ?? Object.values(channel.messages ?? {})).map(resolve);
  // In AsyncAPI 3 the document speaks for the server: it receives what a client sends.
  const label = operation.action === "receive" ? "client →" : "→ client";
  return messages.map((message) =>
    item(label, message.name ?? "", message.summary ?? operation.summary, channel.address ?? "", [
      (message.description ?? operation.description) && make("p", {}, ...prose(message.description ?? operation.description)),
      fieldTable("Payload", message.payload, resolve),
      fieldTable("Acknowledgement", answerOf(message, resolve), resolve),
    ]));
}

function showEvents(asyncapi) {
  const resolve = resolver(asyncapi);
  const items = Object.values(asyncapi.operations ?? {}).flatMap((operation) => eventItem(operation, resolve));
  document.getElementById("events-list").replaceChildren(...items);
  const auth = fieldTable("auth", asyncapi["x-connect"]?.auth, resolve);
  if (auth) document.getElementById("connect-auth").replaceChildren(auth);
  const closings = Object.entries(asyncapi["x-closings"] ?? {}).map(([code, { mayReconnect, meaning }]) =>
    make(
      "tr", {},
      make("td", {}, make("code", {}, code)),
      make("td", {}, mayReconnect ? "reconnect" : "do not reconnect"),
      make("td", { className: "quiet" }, ...prose(meaning)),
    ));
  document.getElementById("closings").replaceChildren(make("table", {}, make("tbody", {}, ...closings)));
}

async function load(address, show, target) {
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(String(response.status));
    show(await response.json());
  } catch (error) {
    document.getElementById(target).replaceChildren(
      make("p", { className: "quiet" }, `Could not be loaded (${error.message}).`),
    );
  }
}

document.getElementById("filter").addEventListener("input", ({ target }) => {
  const words = target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const element of document.querySelectorAll("details.item")) {
    element.hidden = !words.every((word) => element.dataset.text.includes(word));
  }
});

await Promise.all([
  load("/openapi.json", showHttp, "http-list"),
  load("/asyncapi.json", showEvents, "events-list"),
]);
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
