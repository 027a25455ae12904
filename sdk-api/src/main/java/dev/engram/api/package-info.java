/**
 * What every part of Engram shares: the stability marks and the root of its errors.
 *
 * <p>The contracts stand in the sub-packages: {@code guard}, {@code importance}, {@code replay},
 * {@code isolation}; {@code spi} holds the provider that names a strategy.
 */
@NullMarked
package dev.engram.api;

import org.jspecify.annotations.NullMarked;
