"use strict";

// Every text goes in as text: nothing of the document is taken for HTML.
function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

// A schema with its references followed, as deep as people read.
function outline(schema, components, depth = 0) {
  if (!schema || depth > 6) return "…";
  if (schema.$ref) return outline(components[schema.$ref.split("/").pop()], components, depth + 1);
  if ("example" in schema) return schema.example;
  if (schema.examples) return schema.examples[0];
  for (const several of [schema.oneOf, schema.anyOf]) {
    if (several) return outline(several.find((one) => one.type !== "null") ?? several[0], components, depth + 1);
  }
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => outline(part, components, depth + 1)));
  if (schema.enum) return schema.enum.join(" | ");
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (type === "array") return [outline(schema.items, components, depth + 1)];
  if (type !== "object") return schema.format ? `${type} (${schema.format})` : type ?? "any";
  const fields = Object.entries(schema.properties ?? {});
  return Object.fromEntries(fields.map(([name, field]) => [name, outline(field, components, depth + 1)]));
}

function content(title, holder, components) {
  const [kind, media] = Object.entries(holder?.content ?? {})[0] ?? [];
  if (!kind) return null;
  const shown = kind.includes("json") ? JSON.stringify(outline(media.schema, components), null, 2) : kind;
  return element("div", {}, element("p", {}, title, " ", element("code", { textContent: kind })), element("pre", { textContent: shown }));
}

function parameters(list) {
  if (!list?.length) return null;
  const row = (one) =>
    element("tr", {}, element("td", {}, element("code", { textContent: one.name })),
      element("td", { textContent: one.in + (one.required ? ", required" : "") }),
      element("td", { textContent: one.description ?? "" }));
  return element("table", {}, ...list.map(row));
}

function operation(path, method, about, components) {
  const scope = about.security?.[0]?.token?.[0];
  const summary = element("summary", {},
    element("span", { className: "method", textContent: method.toUpperCase() }), element("code", { textContent: path }),
    " ", about.summary ?? "", " ", element("span", { className: "scope", textContent: scope ?? "public" }));
  const answers = Object.entries(about.responses ?? {});
  const body = element("details", {}, summary, about.description ? element("p", { textContent: about.description }) : null,
    parameters(about.parameters), content("Body", about.requestBody, components),
    ...answers.map(([status, answer]) =>
      element("div", {}, element("p", {}, element("b", { textContent: status }), " ", answer.description ?? ""),
        status < "400" ? content("Answer", answer, components) : null)));
  body.dataset.words = [path, method, scope, about.summary, about.description].join(" ").toLowerCase();
  return body;
}

function show(api) {
  document.getElementById("about").textContent = `Version ${api.info.version}. ${api.info.description ?? ""}`;
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, about] of Object.entries(item)) {
      const tag = about.tags?.[0] ?? "other";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(path, method, about, api.components?.schemas ?? {}));
    }
  }
  const main = document.getElementById("operations");
  for (const [tag, operations] of groups) {
    main.append(element("section", {}, element("h2", { textContent: tag }), ...operations));
  }
  document.getElementById("filter").addEventListener("input", ({ target }) => {
    const wanted = target.value.toLowerCase();
    for (const section of main.children) {
      const all = [...section.querySelectorAll("details")];
      all.forEach((one) => { one.hidden = !one.dataset.words.includes(wanted); });
      section.hidden = all.every((one) => one.hidden);
    }
  });
}

fetch("/openapi.json").then((answer) => answer.json()).then(show, (error) => {
  document.getElementById("about").textContent = `openapi.json cannot be read: ${error}`;
});
