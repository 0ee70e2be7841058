// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/application.h"

int main(int argc, char *argv[])
{
    return relay::admin::runConsole(argc, argv);
}
