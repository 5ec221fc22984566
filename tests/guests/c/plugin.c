// The twin's three checks in C: same verdicts, same words.

#include <stdlib.h>

#include "checks_plugin.h"
#include "msgpack.h"

typedef checks_plugin_string_t string;
typedef exports_plumbline_plugin_checks_verdict_t verdict;

static const char KIND[] = "aws_s3_bucket";

enum {
  PASS = EXPORTS_PLUMBLINE_PLUGIN_CHECKS_VERDICT_PASS,
  FAIL = EXPORTS_PLUMBLINE_PLUGIN_CHECKS_VERDICT_FAIL,
  MANUAL = EXPORTS_PLUMBLINE_PLUGIN_CHECKS_VERDICT_MANUAL,
  NOT_APPLICABLE = EXPORTS_PLUMBLINE_PLUGIN_CHECKS_VERDICT_NOT_APPLICABLE,
  NOT_EVALUATED = EXPORTS_PLUMBLINE_PLUGIN_CHECKS_VERDICT_NOT_EVALUATED,
};

// --- Text that is returned, and therefore allocated: the bindings free it. ---

static void append(string *text, const void *bytes, size_t length) {
  text->ptr = realloc(text->ptr, text->len + length + 1);
  if (text->ptr == NULL) abort();
  memcpy(text->ptr + text->len, bytes, length);
  text->len += length;
}

static void say(string *text, const char *words) { append(text, words, strlen(words)); }

static void say_number(string *text, uint32_t number) {
  if (number >= 10) say_number(text, number / 10);
  append(text, &"0123456789"[number % 10], 1);
}

static void say_value(string *text, mp value) {
  mp_head head = mp_read(value);
  if (head.type == MP_TEXT) append(text, head.rest.at, head.count);
}

// All texts of a verdict lie in the same place.
static verdict decided(uint8_t tag, const char *words) {
  verdict verdict = {.tag = tag};
  if (tag != PASS) say(&verdict.val.fail, words);
  return verdict;
}

// --- A resource, its attributes and what could not be read of it. ---

typedef struct {
  mp value;
  mp gaps;
  // Where it stands. Paths in this plugin are short.
  char path[64];
} node;

// Whether `path` is `outer` or beneath it.
static bool within(const char *path, size_t length, const char *outer, size_t outer_length) {
  if (outer_length == 0) return true;
  if (length < outer_length || memcmp(path, outer, outer_length) != 0) return false;
  return length == outer_length || path[outer_length] == '.';
}

static verdict unread(const char *path, size_t length, mp gap) {
  verdict verdict = {.tag = NOT_EVALUATED};
  append(&verdict.val.fail, path, length);
  say(&verdict.val.fail, " could not be read: ");
  say_value(&verdict.val.fail, mp_get(gap, "reason", 6));
  return verdict;
}

// The attribute beneath `from`; false where it could not be read, and then `why` says so.
static bool get(const node *from, const char *path, node *to, verdict *why) {
  node found = {from->value, from->gaps, ""};
  if (strlen(from->path) + strlen(path) + 2 > sizeof found.path) abort();
  strcpy(found.path, from->path);
  if (found.path[0] != 0) strcat(found.path, ".");
  strcat(found.path, path);
  for (mp_walk gaps = mp_walk_of(from->gaps); mp_next(&gaps);) {
    mp_head outer = mp_read(mp_get(gaps.element, "path", 4));
    const char *text = outer.type == MP_TEXT ? (const char *)outer.rest.at : "";
    if (!within(found.path, strlen(found.path), text, outer.type == MP_TEXT ? outer.count : 0)) continue;
    *why = unread(found.path, strlen(found.path), gaps.element);
    return false;
  }
  for (const char *step = path; step != NULL;) {
    const char *dot = strchr(step, '.');
    mp_walk first = mp_walk_of(found.value);
    if (mp_typeof(found.value) == MP_LIST) found.value = mp_next(&first) ? first.element : (mp){NULL, NULL};
    found.value = mp_get(found.value, step, dot != NULL ? (size_t)(dot - step) : strlen(step));
    step = dot != NULL ? dot + 1 : NULL;
  }
  *to = found;
  return true;
}

// False where anything beneath the attribute could not be read.
static bool complete(const node *attribute, verdict *why) {
  for (mp_walk gaps = mp_walk_of(attribute->gaps); mp_next(&gaps);) {
    mp_head inner = mp_read(mp_get(gaps.element, "path", 4));
    const char *text = inner.type == MP_TEXT ? (const char *)inner.rest.at : "";
    size_t length = inner.type == MP_TEXT ? inner.count : 0;
    if (!within(text, length, attribute->path, strlen(attribute->path))) continue;
    *why = unread(text, length, gaps.element);
    return false;
  }
  return true;
}

static bool is_on(mp value) { return mp_typeof(value) == MP_TRUE || mp_is(value, "true"); }

// --- The checks. ---

static verdict versioning(const node *bucket) {
  node enabled;
  verdict why;
  if (!get(bucket, "versioning.enabled", &enabled, &why)) return why;
  return is_on(enabled.value) ? decided(PASS, "") : decided(FAIL, "versioning is not enabled");
}

static verdict public_access(const node *bucket) {
  static const char *const flags[] = {
      "block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"};
  node block, flag;
  verdict why;
  if (!get(bucket, "public_access_block", &block, &why)) return why;
  if (mp_empty(block.value)) return decided(FAIL, "no public access block is configured");
  string off = {0};
  for (size_t i = 0; i < 4; i++) {
    if (!get(&block, flags[i], &flag, &why)) {
      free(off.ptr);
      return why;
    }
    if (is_on(flag.value)) continue;
    say(&off, off.len > 0 ? ", " : "the public access block leaves out ");
    say(&off, flags[i]);
  }
  if (off.len == 0) return decided(PASS, "");
  return (verdict){.tag = FAIL, .val.fail = off};
}

static bool is_everybody(mp principal) {
  if (mp_typeof(principal) != MP_MAP) return mp_is(principal, "*");
  for (mp_walk names = mp_walk_of(mp_get(principal, "AWS", 3)); mp_next(&names);)
    if (mp_is(names.element, "*")) return true;
  return false;
}

static verdict policy(const node *bucket) {
  node document, statements;
  verdict why;
  if (!get(bucket, "policy", &document, &why) || !complete(&document, &why)) return why;
  if (mp_empty(document.value)) return decided(NOT_APPLICABLE, "the bucket has no policy");
  if (!get(&document, "Statement", &statements, &why)) return why;
  uint32_t number = 0, conditional = 0;
  // The document is complete, so what lies in it is read without a look at the gaps.
  for (mp_walk all = mp_walk_of(statements.value); mp_next(&all);) {
    number++;
    if (!mp_is(mp_get(all.element, "Effect", 6), "Allow")) continue;
    if (!is_everybody(mp_get(all.element, "Principal", 9))) continue;
    if (!mp_empty(mp_get(all.element, "Condition", 9))) {
      if (conditional == 0) conditional = number;
      continue;
    }
    verdict found = decided(FAIL, "statement ");
    say_number(&found.val.fail, number);
    say(&found.val.fail, " allows everybody ");
    bool first = true;
    for (mp_walk actions = mp_walk_of(mp_get(all.element, "Action", 6)); mp_next(&actions); first = false) {
      if (!first) say(&found.val.fail, ", ");
      say_value(&found.val.fail, actions.element);
    }
    return found;
  }
  if (conditional == 0) return decided(PASS, "");
  verdict found = decided(MANUAL, "statement ");
  say_number(&found.val.fail, conditional);
  say(&found.val.fail, " allows everybody under a condition");
  return found;
}

static const struct {
  const char *id, *title, *reads;
  uint8_t severity;
  verdict (*rule)(const node *);
} CHECKS[] = {
    {"twin_bucket_versioning", "Buckets keep old versions", "versioning.enabled",
     PLUMBLINE_PLUGIN_TYPES_SEVERITY_MEDIUM, versioning},
    {"twin_bucket_public_access", "Buckets block public access", "public_access_block",
     PLUMBLINE_PLUGIN_TYPES_SEVERITY_HIGH, public_access},
    {"twin_bucket_policy", "Bucket policies do not let everybody in", "policy",
     PLUMBLINE_PLUGIN_TYPES_SEVERITY_CRITICAL, policy},
};
enum { COUNT = sizeof CHECKS / sizeof *CHECKS };

// --- The interface. ---

// The check of this id, or `COUNT`.
static size_t find(string id) {
  size_t i = 0;
  while (i < COUNT && (id.len != strlen(CHECKS[i].id) || memcmp(id.ptr, CHECKS[i].id, id.len) != 0)) i++;
  return i;
}

static checks_plugin_list_string_t list_of(const char *text) {
  checks_plugin_list_string_t list = {malloc(sizeof(string)), 1};
  if (list.ptr == NULL) abort();
  checks_plugin_string_dup(list.ptr, text);
  return list;
}

void exports_plumbline_plugin_checks_describe(exports_plumbline_plugin_checks_list_check_t *ret) {
  ret->ptr = calloc(COUNT, sizeof *ret->ptr);
  ret->len = COUNT;
  if (ret->ptr == NULL) abort();
  for (size_t i = 0; i < COUNT; i++) {
    checks_plugin_string_dup(&ret->ptr[i].id, CHECKS[i].id);
    checks_plugin_string_dup(&ret->ptr[i].title, CHECKS[i].title);
    ret->ptr[i].severity = CHECKS[i].severity;
    ret->ptr[i].kinds = list_of(KIND);
    ret->ptr[i].reads = list_of(CHECKS[i].reads);
  }
}

bool exports_plumbline_plugin_checks_evaluate(
    exports_plumbline_plugin_checks_context_t *context, checks_plugin_list_string_t *checks,
    exports_plumbline_plugin_checks_batch_t *resources, exports_plumbline_plugin_checks_list_outcome_t *ret,
    exports_plumbline_plugin_checks_error_t *err) {
  err->tag = PLUMBLINE_PLUGIN_TYPES_ERROR_INVALID;
  if (resources->tag != PLUMBLINE_PLUGIN_TYPES_DOCUMENT_MSGPACK) {
    checks_plugin_string_dup(&err->val.invalid, "the manifest asks for MessagePack");
    return false;
  }
  checks_plugin_list_u8_t bytes = resources->val.msgpack;
  mp batch = {bytes.ptr, bytes.ptr + bytes.len};
  size_t room = (size_t)mp_read(batch).count * checks->len;
  // An element takes a byte at least, so a count beyond the bytes is a lie.
  if (mp_typeof(batch) != MP_LIST || mp_read(batch).count > bytes.len) {
    checks_plugin_string_dup(&err->val.invalid, "the batch is no list");
    return false;
  }
  for (size_t number = 0; number < checks->len; number++) {
    if (find(checks->ptr[number]) < COUNT) continue;
    err->val.invalid = (string){0};
    say(&err->val.invalid, "this plugin has no check '");
    append(&err->val.invalid, checks->ptr[number].ptr, checks->ptr[number].len);
    say(&err->val.invalid, "'");
    return false;
  }
  ret->len = 0;
  ret->ptr = calloc(room + 1, sizeof *ret->ptr);
  if (ret->ptr == NULL) abort();
  uint32_t position = 0;
  for (mp_walk all = mp_walk_of(batch); mp_next(&all); position++) {
    if (!mp_is(mp_get(all.element, "kind", 4), KIND)) continue;
    node bucket = {mp_get(all.element, "config", 6), mp_get(all.element, "gaps", 4), ""};
    for (uint32_t number = 0; number < checks->len; number++) {
      verdict verdict = CHECKS[find(checks->ptr[number])].rule(&bucket);
      ret->ptr[ret->len++] = (exports_plumbline_plugin_checks_outcome_t){number, position, verdict};
    }
  }
  exports_plumbline_plugin_checks_context_free(context);
  checks_plugin_list_string_free(checks);
  exports_plumbline_plugin_checks_batch_free(resources);
  return true;
}

bool exports_plumbline_plugin_checks_evaluate_account(
    exports_plumbline_plugin_checks_context_t *context, checks_plugin_list_string_t *checks,
    exports_plumbline_plugin_checks_list_account_outcome_t *ret, exports_plumbline_plugin_checks_error_t *err) {
  ret->ptr = NULL;
  ret->len = 0;
  exports_plumbline_plugin_checks_context_free(context);
  checks_plugin_list_string_free(checks);
  return true;
}
