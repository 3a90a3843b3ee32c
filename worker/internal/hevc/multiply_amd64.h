// Both stages multiply quads of four coefficients (inverseweights_amd64.go). They broadcast a pair from each of several
// rows at AX, and multiply it by a vector of pairs at BX. In the columns' stage the rows are weights and the vectors
// coefficients; in the rows' stage it is the other way round. The sums of even pairs are in Y0 to Y3 and those of odd
// pairs in Y4 to Y7. R8 is the length of a row in bytes, and R9 that of three.

// MULTIPLY1 multiplies a quad of each of four rows by one vector.
#define MULTIPLY1(row, even, odd) \
	VPBROADCASTD 0 row, Y10;     \
	VPBROADCASTD 4 row, Y11;     \
	VPMADDWD     Y8, Y10, Y10;   \
	VPMADDWD     Y9, Y11, Y11;   \
	VPADDD       Y10, even, even;\
	VPADDD       Y11, odd, odd

#define MULTIPLY4x1 \
	VMOVDQU 0(BX), Y8;               \
	VMOVDQU 32(BX), Y9;              \
	MULTIPLY1((AX), Y0, Y4);         \
	MULTIPLY1((AX)(R8*1), Y1, Y5);   \
	MULTIPLY1((AX)(R8*2), Y2, Y6);   \
	MULTIPLY1((AX)(R9*1), Y3, Y7);   \
	ADDQ    $8, AX;                  \
	ADDQ    $64, BX

// MULTIPLY2 multiplies a pair of each of two rows by two vectors, and MULTIPLY2x2 a quad.
#define MULTIPLY2(pair, vectors, upper0, upper1, lower0, lower1) \
	VPBROADCASTD pair(AX), Y8;         \
	VPBROADCASTD pair(AX)(R8*1), Y9;   \
	VMOVDQU      vectors+0(BX), Y10;   \
	VMOVDQU      vectors+32(BX), Y11;  \
	VPMADDWD     Y10, Y8, Y12;         \
	VPMADDWD     Y11, Y8, Y8;          \
	VPMADDWD     Y10, Y9, Y10;         \
	VPMADDWD     Y11, Y9, Y9;          \
	VPADDD       Y12, upper0, upper0;  \
	VPADDD       Y8, upper1, upper1;   \
	VPADDD       Y10, lower0, lower0;  \
	VPADDD       Y9, lower1, lower1

#define MULTIPLY2x2 \
	MULTIPLY2(0, 0, Y0, Y1, Y2, Y3);   \
	MULTIPLY2(4, 64, Y4, Y5, Y6, Y7);  \
	ADDQ $8, AX;                       \
	ADDQ $128, BX

// BEGIN starts the sums at half of the last bit that is dropped. Those of odd pairs are added and subtracted.
#define BEGIN(half) \
	VMOVDQA half, Y0;      \
	VMOVDQA half, Y1;      \
	VMOVDQA half, Y2;      \
	VMOVDQA half, Y3;      \
	VPXOR   Y4, Y4, Y4;    \
	VPXOR   Y5, Y5, Y5;    \
	VPXOR   Y6, Y6, Y6;    \
	VPXOR   Y7, Y7, Y7
