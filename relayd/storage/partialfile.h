// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/startfault.h"
#include "shared/result.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace relay {

/** What `doing` to `path` failed with, said with the exit code that fits to `error` (an errno). */
StartFault fileFault(const QString &doing, const QString &path, int error);

/** Makes durable which names a folder holds. */
std::optional<StartFault> syncFolder(const QString &folder);

/**
 * A file while it is being made, under the name `TARGET.partial` and for its owner alone. It gets
 * its name when it is complete and on disk; who is killed before leaves the partial one, which the
 * next one replaces. Deleted by the destructor if it did not get that far.
 */
class PartialFile {
public:
    static Result<PartialFile, StartFault> create(const QString &target);

    ~PartialFile();
    PartialFile(PartialFile &&other) noexcept;
    PartialFile &operator=(PartialFile &&) = delete;

    QString target() const { return m_target; }
    /** Where it is until then: empty, for whoever writes it. */
    QString path() const;

    std::optional<StartFault> write(const QByteArray &bytes);
    /** Syncs what was written, by anybody. */
    std::optional<StartFault> sync();
    /** Gives it its name; fails if there is such a file. */
    std::optional<StartFault> publish();
    /** Gives it its name in the place of the file that has it, if there is one. */
    std::optional<StartFault> replace();

private:
    PartialFile(QString target, int descriptor);
    bool isStillThere() const;

    QString m_target;
    /** -1: moved from. */
    int m_descriptor;
    bool m_isPublished = false;
};

} // namespace relay
