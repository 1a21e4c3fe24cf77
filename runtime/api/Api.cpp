// The C API: translation of handles, and nothing that throws leaves it.
#include "pare-rt/api.h"

#include "api/Guarded.h"
#include "session/Session.h"

#include <cstddef>
#include <cstring>

using namespace pare::rt;

namespace {

Module &unwrap(pare_rt_module *module) { return *static_cast<Module *>(module); }
const Module &unwrap(const pare_rt_module *module) { return *static_cast<const Module *>(module); }
Session &unwrap(pare_rt_session *session) { return *static_cast<Session *>(session); }
const Session &unwrap(const pare_rt_session *session) { return *static_cast<const Session *>(session); }

int32_t find(const pare_rt_value_info *values, uint32_t count, const char *name) {
  for (uint32_t i = 0; i < count; ++i)
    if (!strcmp(values[i].name, name))
      return int32_t(i);
  return -1;
}

} // namespace

extern "C" {

uint32_t pare_rt_api_version(void) { return PARE_RT_API_VERSION; }

pare_rt_status *pare_rt_module_load(const char *path, const pare_rt_load_options *options, pare_rt_module **module) {
  return guarded([&]() -> Status {
    if (!path || !module)
      return nullArgument(path ? "module" : "path");
    *module = nullptr;
    pare_rt_load_options chosen;
    const size_t least = offsetof(pare_rt_load_options, threads) + sizeof chosen.threads;
    if (Status status = readOptions(options, least, "pare_rt_load_options", chosen); status.failed())
      return status;
    std::unique_ptr<Module> loaded;
    Status status = Module::load(path, chosen, loaded);
    *module = loaded.release();
    return status;
  });
}

void pare_rt_module_retain(pare_rt_module *module) { unwrap(module).retain(); }

void pare_rt_module_release(pare_rt_module *module) {
  if (module)
    unwrap(module).release();
}

uint32_t pare_rt_module_entry_count(const pare_rt_module *module) {
  return uint32_t(unwrap(module).manifest().entries.size());
}

const pare_rt_entry_info *pare_rt_module_entry(const pare_rt_module *module, uint32_t index) {
  return index < pare_rt_module_entry_count(module) ? &unwrap(module).info(index) : nullptr;
}

const pare_rt_entry_info *pare_rt_module_find_entry(const pare_rt_module *module, const char *name) {
  for (uint32_t i = 0; i < pare_rt_module_entry_count(module); ++i)
    if (!strcmp(unwrap(module).info(i).name, name))
      return &unwrap(module).info(i);
  return nullptr;
}

const char *pare_rt_module_manifest(const pare_rt_module *module, size_t *size) {
  const std::string &text = unwrap(module).manifestText();
  if (size)
    *size = text.size();
  return text.c_str();
}

const char *pare_rt_module_variant(const pare_rt_module *module) { return variantName(unwrap(module).variant()); }

uint32_t pare_rt_module_threads(const pare_rt_module *module) { return unwrap(module).threads(); }

uint64_t pare_rt_module_weights_size(const pare_rt_module *module) { return unwrap(module).weightsSize(); }

int32_t pare_rt_entry_find_input(const pare_rt_entry_info *entry, const char *name) {
  return find(entry->inputs, entry->input_count, name);
}

int32_t pare_rt_entry_find_output(const pare_rt_entry_info *entry, const char *name) {
  return find(entry->outputs, entry->output_count, name);
}

pare_rt_status *pare_rt_session_create(pare_rt_module *module, const char *entry, pare_rt_session **session) {
  return guarded([&]() -> Status {
    if (!module || !session)
      return nullArgument(module ? "session" : "module");
    *session = nullptr;
    std::unique_ptr<Session> created;
    Status status = Session::create(unwrap(module), entry, created);
    *session = created.release();
    return status;
  });
}

void pare_rt_session_release(pare_rt_session *session) {
  if (session)
    delete &unwrap(session);
}

const pare_rt_entry_info *pare_rt_session_entry(const pare_rt_session *session) { return &unwrap(session).info(); }

pare_rt_status *pare_rt_session_run(pare_rt_session *session, const pare_rt_tensor *inputs, uint32_t input_count,
                                    pare_rt_tensor *outputs, uint32_t output_count) {
  return guarded([&] {
    return session ? unwrap(session).run(inputs, input_count, outputs, output_count) : nullArgument("session");
  });
}

pare_rt_status *pare_rt_session_take_output(pare_rt_session *session, uint32_t index, void **data) {
  return guarded([&] {
    if (!session || !data)
      return nullArgument(session ? "data" : "session");
    return unwrap(session).takeOutput(index, data);
  });
}

void pare_rt_free(void *data) { freeBuffer(data); }

pare_rt_status *pare_rt_session_reset(pare_rt_session *session) {
  return guarded([&] { return session ? unwrap(session).reset() : nullArgument("session"); });
}

void pare_rt_session_memory(const pare_rt_session *session, pare_rt_memory_stats *stats) {
  unwrap(session).memory(*stats);
}

pare_rt_status *pare_rt_session_profile_start(pare_rt_session *session, uint64_t max_events) {
  return guarded([&] { return session ? unwrap(session).startProfile(max_events) : nullArgument("session"); });
}

pare_rt_status *pare_rt_session_profile_stop(pare_rt_session *session) {
  return guarded([&] { return session ? unwrap(session).stopProfile() : nullArgument("session"); });
}

uint64_t pare_rt_session_profile_count(const pare_rt_session *session, uint64_t *dropped) {
  const Profile *profile = unwrap(session).profileData();
  if (dropped)
    *dropped = profile ? profile->dropped() : 0;
  return profile ? profile->size() : 0;
}

pare_rt_status *pare_rt_session_profile_event(const pare_rt_session *session, uint64_t index,
                                              pare_rt_profile_event *event) {
  return guarded([&]() -> Status {
    if (!session || !event)
      return nullArgument(session ? "event" : "session");
    const Profile *profile = unwrap(session).profileData();
    const uint64_t count = profile ? profile->size() : 0;
    if (index >= count)
      return makeError(PARE_RT_INVALID_ARGUMENT, "event %llu of the profile was asked for, it has %llu",
                       (unsigned long long)index, (unsigned long long)count);
    profile->read(index, *event);
    return {};
  });
}
}
