/**
 * Four strategies as a third party ships them, one for each way to make one: an importance ({@code
 * acme-ema}), a guard ({@code acme-lwf}), a source of samples ({@code acme-gauss}), an isolation
 * ({@code acme-bitfit}).
 */
package com.example.forgetting;
