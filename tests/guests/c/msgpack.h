// MessagePack, read where it lies. A value is the place where it begins; whatever is cut short or of an unknown form
// reads as absent.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
  const uint8_t *at, *end;
} mp;

typedef enum { MP_ABSENT, MP_NULL, MP_FALSE, MP_TRUE, MP_TEXT, MP_LIST, MP_MAP, MP_OTHER } mp_type;

// The head of a value: `count` elements, entries or bytes follow at `rest`.
typedef struct {
  mp_type type;
  uint32_t count;
  mp rest;
} mp_head;

static inline mp_head mp_read(mp value) {
  mp_head head = {MP_ABSENT, 0, value};
  if (value.at == NULL || value.at >= value.end) return head;
  uint8_t marker = *value.at;
  const uint8_t *next = value.at + 1;
  size_t left = (size_t)(value.end - next), width = 0, bytes = 0;
  if (marker <= 0x7f || marker >= 0xe0) head.type = MP_OTHER;
  else if (marker <= 0x8f) head.type = MP_MAP, head.count = marker & 0x0f;
  else if (marker <= 0x9f) head.type = MP_LIST, head.count = marker & 0x0f;
  else if (marker <= 0xbf) head.type = MP_TEXT, head.count = marker & 0x1f;
  else switch (marker) {
    case 0xc0: head.type = MP_NULL; break;
    case 0xc2: head.type = MP_FALSE; break;
    case 0xc3: head.type = MP_TRUE; break;
    case 0xc4: case 0xc5: case 0xc6: head.type = MP_OTHER, width = 1u << (marker - 0xc4); break;
    case 0xca: case 0xcb: head.type = MP_OTHER, bytes = 4u << (marker - 0xca); break;
    case 0xcc: case 0xcd: case 0xce: case 0xcf: head.type = MP_OTHER, bytes = 1u << (marker - 0xcc); break;
    case 0xd0: case 0xd1: case 0xd2: case 0xd3: head.type = MP_OTHER, bytes = 1u << (marker - 0xd0); break;
    case 0xd9: case 0xda: case 0xdb: head.type = MP_TEXT, width = 1u << (marker - 0xd9); break;
    case 0xdc: case 0xdd: head.type = MP_LIST, width = 2u << (marker - 0xdc); break;
    case 0xde: case 0xdf: head.type = MP_MAP, width = 2u << (marker - 0xde); break;
    default: return head;
  }
  if (left < width) return (mp_head){MP_ABSENT, 0, value};
  for (size_t i = 0; i < width; i++) head.count = head.count << 8 | next[i];
  next += width, left -= width;
  if (head.type == MP_TEXT) bytes = head.count;
  if (head.type == MP_OTHER && width > 0) bytes = head.count;
  if (left < bytes) return (mp_head){MP_ABSENT, 0, value};
  // Text keeps its bytes for the reader; what is of no interest here is stepped over.
  head.rest = (mp){head.type == MP_TEXT ? next : next + bytes, value.end};
  return head;
}

// What follows a value; nothing where it is cut short.
static inline mp mp_skip(mp value) {
  for (uint64_t pending = 1; pending > 0; pending--) {
    mp_head head = mp_read(value);
    if (head.type == MP_ABSENT) return (mp){NULL, NULL};
    value = head.rest;
    if (head.type == MP_TEXT) value.at += head.count;
    if (head.type == MP_LIST) pending += head.count;
    if (head.type == MP_MAP) pending += 2 * (uint64_t)head.count;
  }
  return value;
}

static inline mp_type mp_typeof(mp value) { return mp_read(value).type; }

static inline bool mp_is(mp value, const char *text) {
  mp_head head = mp_read(value);
  return head.type == MP_TEXT && head.count == strlen(text) && memcmp(head.rest.at, text, head.count) == 0;
}

// The value of a map's key, which is `length` bytes long.
static inline mp mp_get(mp map, const char *key, size_t length) {
  mp_head head = mp_read(map);
  if (head.type != MP_MAP) return (mp){NULL, NULL};
  mp next = head.rest;
  for (uint32_t i = 0; i < head.count && next.at != NULL; i++) {
    mp_head name = mp_read(next);
    mp value = mp_skip(next);
    if (name.type == MP_TEXT && name.count == length && memcmp(name.rest.at, key, length) == 0) return value;
    next = mp_skip(value);
  }
  return (mp){NULL, NULL};
}

// Absent, null, "", [] and {} say the same.
static inline bool mp_empty(mp value) {
  mp_head head = mp_read(value);
  if (head.type == MP_TEXT || head.type == MP_LIST || head.type == MP_MAP) return head.count == 0;
  return head.type == MP_ABSENT || head.type == MP_NULL;
}

// Walks a list, or a single value as a list of one: `for (mp_walk w = mp_walk_of(v); mp_next(&w);) … w.element`.
typedef struct {
  mp element, next;
  uint32_t left;
} mp_walk;

static inline mp_walk mp_walk_of(mp value) {
  mp_head head = mp_read(value);
  if (head.type == MP_LIST) return (mp_walk){{NULL, NULL}, head.rest, head.count};
  bool single = head.type != MP_ABSENT && head.type != MP_NULL;
  return (mp_walk){{NULL, NULL}, value, single ? 1 : 0};
}

static inline bool mp_next(mp_walk *walk) {
  if (walk->left == 0 || walk->next.at == NULL) return false;
  walk->element = walk->next;
  walk->next = mp_skip(walk->next);
  walk->left--;
  return walk->next.at != NULL;
}
