// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"

#include <algorithm>
#include <string_view>

namespace relay {

namespace {

using namespace std::string_view_literals;

/** In the order of MessageType. */
constexpr std::array TypeNames {"Handshake"sv, "HandshakeAck"sv, "EncryptedUpdate"sv,
    "Acknowledgment"sv, "RecoveryProofStore"sv, "RecoveryProofQuery"sv, "RecoveryProofResponse"sv,
    "DeviceSyncMessage"sv, "DeviceSyncAck"sv, "PurgeRequest"sv, "PurgeResponse"sv,
    "AccountRevoked"sv, "ForwardingHints"sv, "Unknown"sv};
static_assert(TypeNames.size() == size_t(MessageType::Unknown) + 1);

/** In the order of AckStatus. */
constexpr std::array StatusNames {"Stored"sv, "Delivered"sv, "ReceivedByRecipient"sv, "Failed"sv};
static_assert(StatusNames.size() == size_t(AckStatus::Failed) + 1);

// Message lists Unknown and Invalid, then the types in the order of MessageType.
constexpr size_t FirstKnown = 2;
static_assert(std::variant_size_v<Message> == size_t(MessageType::Unknown) + FirstKnown);
static_assert(std::is_same_v<std::variant_alternative_t<FirstKnown, Message>, Handshake>);
static_assert(std::is_same_v<
    std::variant_alternative_t<FirstKnown + size_t(MessageType::ForwardingHints), Message>,
    ForwardingHints>);

/** Index of `name` in `names`, or their number. */
template <typename Names>
size_t find(const Names &names, QByteArrayView name)
{
    const std::string_view wanted(name.data(), size_t(name.size()));
    return size_t(std::find(names.begin(), names.end(), wanted) - names.begin());
}

QByteArrayView view(std::string_view text)
{
    return {text.data(), qsizetype(text.size())};
}

} // namespace

MessageType typeOf(const Message &message)
{
    if (const auto *invalid = std::get_if<Invalid>(&message))
        return invalid->type;
    if (message.index() < FirstKnown)
        return MessageType::Unknown;
    return static_cast<MessageType>(message.index() - FirstKnown);
}

QByteArrayView toName(MessageType type)
{
    return view(TypeNames[size_t(type)]);
}

MessageType messageTypeFromName(QByteArrayView name)
{
    return static_cast<MessageType>(std::min(find(TypeNames, name), size_t(MessageType::Unknown)));
}

QByteArrayView toName(AckStatus status)
{
    return view(StatusNames[size_t(status)]);
}

std::optional<AckStatus> ackStatusFromName(QByteArrayView name)
{
    const size_t index = find(StatusNames, name);
    if (index == StatusNames.size())
        return std::nullopt;
    return static_cast<AckStatus>(index);
}

} // namespace relay
