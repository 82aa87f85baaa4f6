/* SPDX-License-Identifier: MIT */
/*
 * SANITIZED: 1 where the address, thread or memory sanitizer is built in, else 0. They have a malloc() and a
 * pthread_create() of their own and reserve terabytes of addresses, so some tests cannot run with them.
 */
#ifndef TESTS_SUPPORT_SANITIZED_H
#define TESTS_SUPPORT_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
