#pragma once

#include <jansson.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

// The library's headers do not say that they are C.
extern "C" {
#include <jose/jose.h>
#include <jose/openssl.h>
}
